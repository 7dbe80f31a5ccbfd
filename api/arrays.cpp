#include "api/arrays.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "formats/npy/npy.hpp"

namespace layerctl {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) fail(Code::io, "wanted a file, found a directory");
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(Code::io, "cannot be opened: ", std::strerror(errno));
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) fail(Code::io, "cannot be read: ", std::strerror(errno));
    return bytes;
}

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

std::vector<NamedTensor> load_arrays(std::span<const std::byte> bytes) {
    if (starts_with(bytes, "\x93NUMPY")) return {{"", formats::read_npy(bytes)}};
    if (!starts_with(bytes, "PK")) fail(Code::format, "wanted an .npy or .npz file of numpy, found neither");
    std::vector<NamedTensor> arrays;
    for (auto& [name, tensor] : formats::read_npz(bytes)) arrays.push_back({name, std::move(tensor)});
    return arrays;
}

std::vector<NamedTensor> load_arrays(const fs::path& path) {
    return in_context(path.string(), [&] {
        const std::string bytes = read_file(path);
        return load_arrays(std::as_bytes(std::span(bytes)));
    });
}

std::string npy_bytes(const Tensor& tensor) { return formats::write_npy(tensor); }

std::string npz_bytes(const std::vector<NamedTensor>& tensors) {
    formats::NamedArrays arrays;
    for (const NamedTensor& tensor : tensors) arrays.emplace_back(tensor.name, tensor.tensor);
    return formats::bytes_of([&](formats::OutputFile& file) { formats::write_npz(arrays, file); });
}

}  // namespace layerctl
