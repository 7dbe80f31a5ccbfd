// An HDF5 file opened for reading, as the rest of the formats sees it: objects by path, no HDF5 types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/weight_store.hpp"

namespace layerctl::formats::h5 {

/// Objects are named by absolute paths: "/model_weights/dense". A path is walked one link at a time; anything but a
/// hard link is Code::refused, for HDF5 itself would follow it out of the file. Safe to use from several threads.
class File final : public SourceFile {
public:
    /// Code::io if there is no such file, Code::format if it is no HDF5 file or a damaged one.
    static std::shared_ptr<const File> open(const std::filesystem::path& path);

    /// A part of a file, such as a member of an archive. It stays open.
    static std::shared_ptr<const File> open(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size);

    /// A file held in memory; the bytes are copied.
    static std::shared_ptr<const File> open(std::span<const std::byte> bytes);

    enum class Kind { absent, group, dataset, other };
    Kind kind(std::string_view path) const;

    /// A number that two names of one object share: a circle of groups would never end.
    std::uint64_t identity(std::string_view path) const;

    /// Names of what a group holds, sorted.
    std::vector<std::string> members(std::string_view group) const;

    struct Impl;
    Impl& impl() const { return *impl_; }

    explicit File(std::unique_ptr<Impl> impl);
    ~File() override;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace layerctl::formats::h5
