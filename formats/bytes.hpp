// Bytes of files: reading them whole, and taking them apart with every step checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace layerctl::formats {

/// The whole file. Code::io if it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// A part of a file. Code::io if it ends before.
std::string read_range(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size);

/// So many bytes at that offset, fewer where the file ends.
using ReadAt = std::function<std::string(std::uint64_t offset, std::size_t count)>;

/// Of a file, which stays open; Code::io if it cannot be opened. Of bytes, which must outlive it.
ReadAt reader_of(const std::filesystem::path& path);
ReadAt reader_of(std::string_view bytes);

inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// An unsigned little-endian number of as many bytes as given, at most 8.
std::uint64_t little_endian(std::string_view bytes);

/// Reads fields one after the other. Asking for more than is left gives nothing, now and ever after.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<std::string_view> take(std::size_t count);
    std::optional<std::uint64_t> number(std::size_t width);
    bool skip(std::size_t count) { return take(count).has_value(); }
    std::size_t left() const noexcept { return bytes_.size(); }

private:
    std::string_view bytes_;
};

}  // namespace layerctl::formats
