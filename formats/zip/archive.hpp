// Zip archives that are read, through libzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace layerctl::formats {

/// An archive to read. The bytes must outlive it.
class ZipArchive {
public:
    /// Code::format if it is damaged; Code::refused for a name that occurs twice, links, and members that share bytes.
    explicit ZipArchive(std::span<const std::byte> bytes);

    /// An archive on disk, read as far as it is needed.
    explicit ZipArchive(const std::filesystem::path& path);

    /// Names in the archive's order.
    const std::vector<std::string>& names() const noexcept { return names_; }

    /// The size that a member claims to have unpacked.
    std::uint64_t size(std::size_t index) const;

    /// How far a member may expand: as far as deflate goes, or as far as the parts of a model do (models/limits.hpp).
    enum class Expansion { of_deflate, of_model };

    /// The contents of a member, unpacked; its checksum and the size it claims are checked.
    std::string read(std::size_t index, Expansion expansion = Expansion::of_deflate) const;

    /// Reads a member once and checks it so, without keeping it.
    void check(std::size_t index, Expansion expansion = Expansion::of_deflate) const;

private:
    struct Closer {
        void operator()(void* archive) const;
    };
    ZipArchive(std::unique_ptr<void, Closer> archive, std::uint64_t archive_bytes);

    std::unique_ptr<void, Closer> archive_;
    std::uint64_t archive_bytes_;
    std::vector<std::string> names_;
};

/// Code::refused for a member that claims to unpack to more than its stored bytes can, or a part of a model does.
void check_expansion(std::string_view name, std::uint64_t stored, std::uint64_t size, ZipArchive::Expansion expansion);

}  // namespace layerctl::formats
