// Several arrays in numpy's .npz format: a zip archive of .npy members.
#include "formats/bytes.hpp"
#include "formats/npy/npy.hpp"
#include "formats/zip/archive.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

constexpr std::string_view suffix = ".npy";

}  // namespace

NamedArrays read_npz(std::span<const std::byte> bytes) {
    const ZipArchive archive(bytes);
    NamedArrays arrays;
    for (std::size_t i = 0; i < archive.names().size(); ++i) {
        const std::string& name = archive.names()[i];
        in_context(cat("member '", name, "'"), [&] {
            if (!name.ends_with(suffix)) fail(Code::format, "wanted an .npy array, found another name");
            arrays.emplace_back(name.substr(0, name.size() - suffix.size()), read_npy(as_bytes(archive.read(i))));
        });
    }
    return arrays;
}

NamedArrays read_npz(const std::filesystem::path& path) {
    return in_context(path.string(), [&] { return read_npz(as_bytes(read_file(path))); });
}

std::string write_npz(const NamedArrays& arrays) {
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto& [name, tensor] : arrays) members.emplace_back(name + std::string(suffix), write_npy(tensor));
    return write_zip(members);
}

}  // namespace layerctl::formats
