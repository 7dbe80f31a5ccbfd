// A file that is written: on disk, or in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace layerctl::formats {

/// Failing to write is Code::io, with the system's reason.
class OutputFile {
public:
    /// A new file; there must be none of that name.
    static OutputFile create(const std::filesystem::path& path);

    /// A new file in a folder, which has no name until `name`, and is gone if it never gets one. Code::unsupported if
    /// the file system has none.
    static OutputFile nameless(const std::filesystem::path& folder);

    /// A device or a pipe.
    static OutputFile device(const std::filesystem::path& path);

    static OutputFile in_memory();

    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    /// Goes on where the last one ended.
    void write(std::string_view bytes);
    void write_at(std::uint64_t offset, std::string_view bytes);

    /// Visits everything from an offset on, piece by piece.
    void read(std::uint64_t offset, const std::function<void(std::string_view)>& visit) const;

    std::uint64_t size() const;
    std::string contents() const;
    int descriptor() const noexcept { return descriptor_; }

    /// Links a nameless file into its folder.
    void name(const std::filesystem::path& path);

    /// Waits until the bytes are on the disk.
    void sync();

    void close();

private:
    explicit OutputFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

/// Writes into an open file: 0, or the errno of the piece that failed. Large ones are sent to the disk while the next
/// is copied, so that little is left for OutputFile::sync.
int write_pieces(int descriptor, std::uint64_t offset, std::string_view bytes) noexcept;

/// Writes a file that it is given.
using FileWriter = std::function<void(OutputFile& file)>;

/// What it writes, in memory.
std::string bytes_of(const FileWriter& write);

}  // namespace layerctl::formats
