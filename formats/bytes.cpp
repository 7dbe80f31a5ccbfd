#include "formats/bytes.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "models/error.hpp"

namespace layerctl::formats {

std::string read_file(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) fail(Code::io, "wanted a file, found a directory");
    std::ifstream in(path, std::ios::binary);
    if (!in) fail(Code::io, "cannot open the file: ", std::strerror(errno));
    in.seekg(0, std::ios::end);
    const std::streamoff size = in.tellg();
    std::string bytes(size < 0 ? 0 : static_cast<std::size_t>(size), '\0');
    in.seekg(0);
    if (size < 0 || !in.read(bytes.data(), size)) fail(Code::io, "cannot read the file: ", std::strerror(errno));
    return bytes;
}

std::string read_range(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size) {
    std::error_code error;
    const std::uint64_t all = std::filesystem::file_size(path, error);
    if (error) fail(Code::io, "cannot open the file: ", error.message());
    if (offset > all || size > all - offset)
        fail(Code::io, "wanted ", size, " bytes at ", offset, ", found a file of ", all);
    std::ifstream in(path, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    in.seekg(static_cast<std::streamoff>(offset));
    if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
        fail(Code::io, "cannot read the file: ", std::strerror(errno));
    return bytes;
}

ReadAt reader_of(const std::filesystem::path& path) {
    const auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
    if (!*in) fail(Code::io, "cannot open the file: ", std::strerror(errno));
    return [in](std::uint64_t offset, std::size_t count) {
        std::string bytes(count, '\0');
        in->clear();
        in->seekg(static_cast<std::streamoff>(offset)).read(bytes.data(), static_cast<std::streamsize>(count));
        bytes.resize(static_cast<std::size_t>(in->gcount()));
        return bytes;
    };
}

ReadAt reader_of(std::string_view bytes) {
    return [bytes](std::uint64_t offset, std::size_t count) {
        return std::string(offset < bytes.size() ? bytes.substr(offset, count) : "");
    };
}

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::optional<std::string_view> ByteReader::take(std::size_t count) {
    if (count > bytes_.size()) {
        bytes_ = {};
        return std::nullopt;
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
}

std::optional<std::uint64_t> ByteReader::number(std::size_t width) {
    const auto taken = take(width);
    if (!taken) return std::nullopt;
    return little_endian(*taken);
}

}  // namespace layerctl::formats
