#include "formats/detect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <functional>

#include "formats/bytes.hpp"
#include "formats/zip/archive.hpp"

namespace layerctl::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n"sv;
constexpr std::string_view zip_signature = "PK\x03\x04"sv;
constexpr std::size_t head_bytes = 4096;

/// What the file begins with, and how large it is.
struct Start {
    std::string_view head;
    std::uint64_t size;
};

struct Signature {
    std::string_view bytes;
    Code code;
    std::string_view description;
};

constexpr std::array signatures = {
    Signature{"PK\x05\x06"sv, Code::format, "an empty zip archive"},
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
    Signature{"GGUF"sv, Code::format, "a GGUF file"},
    Signature{"\x7f"
              "ELF"sv,
              Code::format, "a program"},
    Signature{"\x89PNG"sv, Code::format, "a PNG image"},
    Signature{"%PDF"sv, Code::format, "a PDF document"},
    Signature{"\xff\xfe"sv, Code::format, "text in UTF-16; JSON must be UTF-8"},
    Signature{"\xfe\xff"sv, Code::format, "text in UTF-16; JSON must be UTF-8"},
    Signature{"\xef\xbb\xbf"sv, Code::format, "text with a byte order mark; JSON must be plain UTF-8"},
};

Detection other(Code code, std::string_view description) { return {Variant::other, code, std::string(description)}; }

bool looks_like_html(std::string_view head) {
    std::string lower(head.substr(0, std::min(head.size(), std::size_t{512})));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
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

bool looks_like_tar(std::string_view head) { return head.size() > 262 && head.substr(257, 5) == "ustar"; }

Detection detect_text(std::string_view head) {
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return other(Code::format, "a file of blanks");
    const std::string_view text = head.substr(first);
    if (text.front() == '{' || text.front() == '[') return {Variant::json, Code::format, "JSON"};
    if (looks_like_html(text)) return other(Code::format, "an HTML page: the download may have failed");
    if (text.starts_with("<?xml")) return other(Code::format, "an XML document");
    return other(Code::format, "plain text");
}

/// Every kind that its first bytes give away.
Detection detect_start(const Start& start) {
    if (start.size == 0) return other(Code::format, "an empty file");
    for (const Signature& signature : signatures)
        if (start.head.starts_with(signature.bytes)) return other(signature.code, signature.description);
    if (start.head.size() < hdf5_signature.size() && hdf5_signature.starts_with(start.head))
        return other(Code::format, "the first bytes of an HDF5 file: it is truncated");
    if (looks_like_safetensors(start.head))
        return {Variant::safetensors, Code::format, "a safetensors file: weights need a model definition"};
    if (looks_like_pickle(start.head)) return other(Code::refused, "a Python pickle, which could run code when read");
    if (start.head.size() > 8 && start.head.substr(4, 4) == "TFL3")
        return other(Code::unsupported, "a TensorFlow Lite model, which is not supported");
    if (looks_like_tar(start.head)) return other(Code::format, "a tar archive: unpack it first");
    // JSON even if damaged: the parser can say where.
    if (const Detection text = detect_text(start.head); text.variant == Variant::json || looks_like_text(start.head))
        return text;
    return other(Code::format, "binary data of an unknown kind");
}

/// An HDF5 file may stand behind a user block of 512, 1024, 2048, … bytes.
template <class ReadAt>
bool is_hdf5(std::uint64_t size, const ReadAt& read_at) {
    for (std::uint64_t offset = 0; offset + hdf5_signature.size() <= size;
         offset = std::max<std::uint64_t>(512, offset * 2))
        if (read_at(offset, hdf5_signature.size()) == hdf5_signature) return true;
    return false;
}

Detection describe_zip(const ZipArchive& archive) {
    const std::vector<std::string>& names = archive.names();
    const auto holds = [&](std::string_view ending) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.ends_with(ending); });
    };
    if (holds("config.json") && (holds("metadata.json") || holds(".weights.h5")))
        return {Variant::keras_archive, Code::format, "a .keras archive"};
    if (holds("data.pkl")) return other(Code::unsupported, "a PyTorch archive, which is not supported");
    if (holds(".npy")) return {Variant::npz, Code::format, "a numpy archive (.npz): weights need a model definition"};
    return other(Code::format, "a zip archive without config.json and metadata.json");
}

/// Of a path or of bytes.
template <class Source>
Detection detect_zip(const Source& source) {
    try {
        return describe_zip(ZipArchive(source));
    } catch (const Error& error) {
        return {Variant::other, error.code(), error.message()};
    }
}

Detection detect_directory(const std::filesystem::path& path) {
    const auto holds = [&](const char* name) {
        std::error_code error;
        return std::filesystem::exists(path / name, error);
    };
    if (holds("saved_model.pb")) return other(Code::unsupported, "a SavedModel directory, which is not supported yet");
    if (holds("config.json") && holds("metadata.json"))
        return {Variant::keras_archive, Code::format, "an unpacked .keras archive"};
    if (holds("checkpoint")) return other(Code::unsupported, "a TensorFlow checkpoint, which is not supported");
    return other(Code::format, "a directory that is no model");
}

}  // namespace

Detection detect(std::span<const std::byte> bytes) {
    const std::string_view text = as_text(bytes);
    if (text.starts_with(zip_signature))
        return detect_zip(bytes);  // a stored HDF5 file may lie where a user block ends
    if (is_hdf5(text.size(), [&](std::uint64_t at, std::size_t count) { return text.substr(at, count); }))
        return {Variant::h5, Code::format, "an HDF5 file"};
    return detect_start({text.substr(0, head_bytes), text.size()});
}

Detection detect(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return detect_directory(path);
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) fail(Code::io, "cannot open the file: ", error.message());
    std::ifstream in(path, std::ios::binary);
    if (!in) fail(Code::io, "cannot open the file");
    const auto read_at = [&](std::uint64_t offset, std::size_t count) {
        std::string bytes(count, '\0');
        in.clear();
        in.seekg(static_cast<std::streamoff>(offset)).read(bytes.data(), static_cast<std::streamsize>(count));
        bytes.resize(static_cast<std::size_t>(in.gcount()));
        return bytes;
    };
    const std::string head = read_at(0, head_bytes);
    if (head.starts_with(zip_signature)) return detect_zip(path);
    if (is_hdf5(size, read_at)) return {Variant::h5, Code::format, "an HDF5 file"};
    return detect_start({head, size});
}

void fail_unreadable(const Detection& detection) {
    fail(detection.code, "wanted a Keras model, found ", detection.description);
}

}  // namespace layerctl::formats
