// Zip archives in memory, through libzip.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace layerctl::formats {

/// An archive to read. The bytes must outlive it.
class ZipArchive {
public:
    /// Code::format if it is damaged; Code::refused for a name that occurs twice.
    explicit ZipArchive(std::span<const std::byte> bytes);

    /// Names in the archive's order.
    const std::vector<std::string>& names() const noexcept { return names_; }

    /// The contents of a member, unpacked; its checksum and the size it claims are checked.
    std::string read(std::size_t index) const;

private:
    struct Closer {
        void operator()(void* archive) const;
    };
    std::unique_ptr<void, Closer> archive_;
    std::size_t archive_bytes_;
    std::vector<std::string> names_;
};

/// An archive of these members, uncompressed and dated 1980-01-01 as numpy and Keras write them.
std::string write_zip(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace layerctl::formats
