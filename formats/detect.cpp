#include "formats/detect.hpp"

#include <algorithm>
#include <array>

#include "formats/bytes.hpp"
#include "formats/h5/superblock.hpp"
#include "formats/keras/members.hpp"
#include "formats/zip/archive.hpp"
#include "formats/zip/directory.hpp"
#include "models/lower_case.hpp"

namespace layerctl::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t head_bytes = 4096;

/// Begins with the first member, or with the end where there is none.
bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv); }

/// What the file begins with, and how large it is.
struct Start {
    std::string_view head;
    std::uint64_t size;
};

struct Signature {
    std::string_view bytes;
    Code code;
    std::string_view description;
    std::size_t offset = 0;

    bool matches(std::string_view head) const { return head.size() > offset && head.substr(offset).starts_with(bytes); }
};

constexpr std::array signatures = {
    Signature{"\x93NUMPY"sv, Code::format, "a numpy array (.npy)"},
    Signature{"version https://git-lfs"sv, Code::format, "a git-lfs pointer: fetch the real file with 'git lfs pull'"},
    Signature{"\x1f\x8b"sv, Code::format, "gzip data: unpack it first"},
    Signature{"BZh"sv, Code::format, "bzip2 data: unpack it first"},
    Signature{"\xfd"
              "7zXZ"sv,
              Code::format, "xz data: unpack it first"},
    Signature{"\x28\xb5\x2f\xfd"sv, Code::format, "zstd data: unpack it first"},
    Signature{"7z\xbc\xaf\x27\x1c"sv, Code::format, "a 7z archive: unpack it first"},
    Signature{"Rar!\x1a\x07"sv, Code::format, "a rar archive: unpack it first"},
    Signature{"ustar"sv, Code::format, "a tar archive: unpack it first", 257},
    Signature{"GGUF"sv, Code::unsupported, "a GGUF file, which is not supported"},
    Signature{"TFL3"sv, Code::unsupported, "a TensorFlow Lite model, which is not supported", 4},
    Signature{"\x7f"
              "ELF"sv,
              Code::format, "a program"},
    Signature{"\xff\xd8\xff"sv, Code::format, "a JPEG image"},
    Signature{"\x89PNG"sv, Code::format, "a PNG image"},
    Signature{"%PDF"sv, Code::format, "a PDF document"},
    Signature{"\xff\xfe"sv, Code::format, "text in UTF-16; JSON must be UTF-8"},
    Signature{"\xfe\xff"sv, Code::format, "text in UTF-16; JSON must be UTF-8"},
    Signature{"\xef\xbb\xbf"sv, Code::format, "text with a byte order mark; JSON must be plain UTF-8"},
};

Detection other(Code code, std::string_view description) { return {Variant::other, code, std::string(description)}; }

bool looks_like_html(std::string_view head) {
    const std::string lower = lower_case(std::string(head.substr(0, 512)));
    return lower.starts_with("<!doctype html") || lower.find("<html") != std::string::npos;
}

// Control characters but the usual blanks tell binary data from text.
bool looks_like_text(std::string_view head) {
    return std::all_of(head.begin(), head.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 || (c >= '\t' && c <= '\r'); });
}

// Header length, then a JSON object.
bool looks_like_safetensors(std::string_view head) {
    return head.size() > 8 && head[8] == '{' && little_endian(head.substr(0, 8)) < (std::uint64_t{1} << 40);
}

bool looks_like_pickle(std::string_view head) {
    return head.size() >= 2 && head[0] == '\x80' && head[1] >= '\x02' && head[1] <= '\x05';
}

// The first fields of the messages: tag, then a small number or a length.
bool looks_like_onnx(std::string_view head) {  // ModelProto: ir_version, then producer, opset or graph
    return head.size() > 3 && head[0] == '\x08' && head[1] >= '\x03' && head[1] <= '\x20' &&
           "\x12\x1a\x22\x28\x32\x3a\x42"sv.find(head[2]) != std::string_view::npos;
}
bool looks_like_saved_model(std::string_view head) { return head.starts_with("\x08\x01\x12"sv); }
bool looks_like_graph_def(std::string_view head) {  // NodeDef: name, op
    ByteReader in(head);
    if (in.take(1) != "\x0a") return false;
    const std::uint64_t node = in.number(1).value_or(0);
    if (node >= 0x80) in.skip(1);  // a length of two bytes
    if (in.take(1) != "\x0a") return false;
    const std::uint64_t name = in.number(1).value_or(0);
    return name > 0 && name < 0x80 && in.skip(name) && in.take(1) == "\x12";
}

/// Kinds that no fixed bytes tell.
struct Likeness {
    bool (*matches)(std::string_view head);
    Code code;
    std::string_view description;
};

constexpr std::array likenesses = {
    Likeness{looks_like_pickle, Code::refused, "a Python pickle, which could run code when read"},
    Likeness{looks_like_saved_model, Code::unsupported, "the graph of a SavedModel: name the folder it lies in"},
    Likeness{looks_like_onnx, Code::unsupported, "an ONNX model, which is not read"},
    Likeness{looks_like_graph_def, Code::unsupported, "a frozen TensorFlow graph (.pb), which is not supported"},
};

Detection detect_text(std::string_view head) {
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return other(Code::format, "a file of blanks");
    const std::string_view text = head.substr(first);
    if (text.front() == '{' || text.front() == '[') return {Variant::json, Code::format, "JSON"};
    if (looks_like_html(text)) return other(Code::format, "an HTML page: the download may have failed");
    if (text.starts_with("<Error>") || (text.starts_with("<?xml") && text.find("<Error>") != std::string_view::npos))
        return other(Code::format, "an XML error message: the download failed");
    if (text.starts_with("<?xml")) return other(Code::format, "an XML document");
    return other(Code::format, "plain text");
}

/// Every kind that its first bytes give away.
Detection detect_start(const Start& start) {
    if (start.size == 0) return other(Code::format, "an empty file");
    for (const Signature& signature : signatures)
        if (signature.matches(start.head)) return other(signature.code, signature.description);
    if (start.head.size() < h5::signature.size() && h5::signature.starts_with(start.head))
        return other(Code::format, "the first bytes of an HDF5 file: it is truncated");
    if (looks_like_safetensors(start.head))
        return {Variant::safetensors, Code::format, "a safetensors file: weights need a model definition"};
    for (const Likeness& likeness : likenesses)
        if (likeness.matches(start.head)) return other(likeness.code, likeness.description);
    // JSON even if damaged: the parser can say where.
    if (const Detection text = detect_text(start.head); text.variant == Variant::json || looks_like_text(start.head))
        return text;
    return other(Code::format, "binary data of an unknown kind");
}

Detection describe_zip(const ZipArchive& archive) {
    const std::vector<std::string>& names = archive.names();
    const auto holds = [&](std::string_view ending) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.ends_with(ending); });
    };
    if (holds(config_member) && (holds(metadata_member) || holds(".weights.h5")))
        return {Variant::keras_archive, Code::format, "a .keras archive"};
    if (holds("data.pkl")) return other(Code::unsupported, "a PyTorch archive, which is not supported");
    if (names.empty()) return {Variant::npz, Code::format, "an empty zip archive"};  // as numpy saves no arrays at all
    if (holds(".npy")) return {Variant::npz, Code::format, "a numpy archive (.npz): weights need a model definition"};
    return other(Code::format, "a zip archive without config.json and metadata.json");
}

/// Of a path or of bytes.
template <class Source>
Detection detect_zip(const Source& source, std::uint64_t size, const ReadAt& read_at) {
    try {
        return describe_zip(ZipArchive(source));
    } catch (const Error& error) {
        const auto cut = find_cut_member(size, read_at);
        if (!cut) return {Variant::other, error.code(), error.message()};
        return {Variant::other, Code::format,
                cat("a truncated zip archive: its member '", cut->name, "' ends at byte ", cut->end, ", the file at ",
                    size)};
    }
}

Detection detect_directory(const std::filesystem::path& path) {
    const auto holds = [&](const char* name) {
        std::error_code error;
        return std::filesystem::exists(path / name, error);
    };
    if (holds("saved_model.pb")) return {Variant::saved_model, Code::unsupported, "a SavedModel directory"};
    if (holds(config_member) && holds(metadata_member))
        return {Variant::keras_archive, Code::format, "an unpacked .keras archive"};
    if (holds("model.json")) return {Variant::tfjs, Code::unsupported, "a TensorFlow.js model"};
    if (holds("checkpoint")) return other(Code::unsupported, "a TensorFlow checkpoint, which is not supported");
    return other(Code::format, "a directory that is no model");
}

}  // namespace

Detection detect(std::span<const std::byte> bytes) {
    const std::string_view text = as_text(bytes);
    if (is_zip(text))
        return detect_zip(bytes, text.size(), reader_of(text));  // a stored HDF5 file may lie where a user block ends
    if (h5::find_superblock(text.size(), reader_of(text))) return {Variant::h5, Code::format, "an HDF5 file"};
    return detect_start({text.substr(0, head_bytes), text.size()});
}

Detection detect(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return detect_directory(path);
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) fail(Code::io, "cannot open the file: ", error.message());
    const ReadAt read_at = reader_of(path);
    const std::string head = read_at(0, head_bytes);
    if (is_zip(head)) return detect_zip(path, size, read_at);
    if (h5::find_superblock(size, read_at)) return {Variant::h5, Code::format, "an HDF5 file"};
    return detect_start({head, size});
}

void fail_unreadable(const Detection& detection) {
    fail(detection.code, "wanted a Keras model, found ", detection.description);
}

}  // namespace layerctl::formats
