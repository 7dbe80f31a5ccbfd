// Several arrays in numpy's .npz format: a zip archive of .npy members.
#include "formats/bytes.hpp"
#include "formats/npy/npy.hpp"
#include "formats/zip/archive.hpp"
#include "formats/zip/stored_archive.hpp"
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

void write_npz(const NamedArrays& arrays, OutputFile& file) {
    StoredArchive archive(file);
    for (const auto& [name, array] : arrays) {
        const Tensor& tensor = array;
        archive.add(name + std::string(suffix), [&](std::uint64_t begin) { write_npy(tensor, file, begin); });
    }
    archive.finish();
}

}  // namespace layerctl::formats
