#include "formats/contents/contents.hpp"

#include "formats/contents/parts.hpp"
#include "formats/detect.hpp"
#include "formats/h5/sharded_h5.hpp"
#include "formats/json/text.hpp"
#include "formats/safetensors/safetensors.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

bool is_npy(const Input& input) { return input.read_at(0, 6) == "\x93NUMPY"; }
bool is_zip(const Input& input) { return input.read_at(0, 4) == std::string_view("PK\x03\x04", 4); }

std::string whole(const Input& input) { return input.read_at(0, static_cast<std::size_t>(input.size)); }

/// Sharded weights: an index, and its shards beside it.
void add_shards(const fs::path& index, Contents& contents) {
    for (const fs::path& shard : shard_files(parse_json(read_file(index)), index)) {
        const std::string name = shard.filename().string();
        attempt_part(contents, name, [&] {
            const Input input = Input::of(shard);
            contents.bytes += input.size;
            contents.unpacked += input.size;
            h5_contents(input, name, contents);
        });
    }
}

std::string safetensors_contents(const fs::path& path, Contents& contents) {
    attempt_part(contents, "", [&] {
        for (StoredWeight& array : load_safetensors(path)) {
            Part part{.path = array.name, .kind = Part::Kind::array, .use = Part::Use::weights};
            part.type = dtype_name(array.dtype);
            part.stored = part.size = static_cast<std::uint64_t>(array.shape.elements()) * dtype_size(array.dtype);
            part.shape = std::move(array.shape);
            part.read = std::move(array.read);
            contents.parts.push_back(std::move(part));
        }
    });
    return "weights by name (.safetensors)";
}

Contents of_input(const Input& input, const Detection& found, const std::string& name) {
    Contents contents;
    contents.bytes = contents.unpacked = input.size;
    if (is_zip(input)) contents.variant = zip_contents(input, contents);
    else if (found.variant == Variant::h5) contents.variant = h5_contents(input, "", contents);
    else if (found.variant == Variant::json) contents.variant = json_contents(name, whole(input), contents);
    else if (is_npy(input))
        contents.variant = npy_contents(
            name, [input] { return whole(input); }, contents);
    if (contents.variant.empty()) fail_unreadable(found);
    return contents;
}

}  // namespace

Input Input::of(const fs::path& path) {
    return {fs::file_size(path), reader_of(path), [path] { return h5::File::open(path); },
            [path] { return std::make_shared<const ZipArchive>(path); }};
}

Input Input::of(std::shared_ptr<const std::string> bytes) {
    return {bytes->size(),
            [bytes](std::uint64_t at, std::size_t count) { return reader_of(std::string_view(*bytes))(at, count); },
            [bytes] { return h5::File::open(as_bytes(*bytes)); },
            [bytes] {
                return std::shared_ptr<const ZipArchive>(new ZipArchive(as_bytes(*bytes)),
                                                         [bytes](const ZipArchive* archive) { delete archive; });
            }};
}

Contents read_contents(const fs::path& path) {
    const Detection found = detect(path);
    Contents contents;
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (found.variant != Variant::keras_archive) fail_unreadable(found);
        contents.variant = folder_contents(path, contents);
    } else if (found.variant == Variant::safetensors) {
        contents.bytes = contents.unpacked = fs::file_size(path);
        contents.variant = safetensors_contents(path, contents);
    } else {
        contents = of_input(Input::of(path), found, path.filename().string());
        if (contents.variant == sharded_index) add_shards(path, contents);
    }
    return contents;
}

Contents read_contents(std::span<const std::byte> bytes) {
    const auto copy = std::make_shared<const std::string>(as_text(bytes));
    return of_input(Input::of(copy), detect(bytes), "file");
}

}  // namespace layerctl::formats
