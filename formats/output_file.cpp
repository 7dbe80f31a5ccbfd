#include "formats/output_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "models/error.hpp"

namespace layerctl::formats {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::size_t written_at_once = 8 << 20;
constexpr std::size_t worth_a_start = 1 << 20;  // of going to the disk
constexpr mode_t mode = 0666;

[[noreturn]] void fail_writing() { fail(Code::io, "cannot be written: ", std::strerror(errno)); }

int opened(const std::filesystem::path& path, int flags) {
    const int descriptor = open(path.c_str(), flags | O_CLOEXEC, mode);
    if (descriptor < 0) fail_writing();
    return descriptor;
}

/// Bytes may be pages of another file: entered into the address space at once, they are several times as fast to copy
/// as one by one. What fails, on older kernels, is only slower.
void enter_pages(std::string_view bytes) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
    const std::uintptr_t size = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size() - begin;
    madvise(reinterpret_cast<void*>(begin), size, MADV_POPULATE_READ);
}

/// What is copied before it is sent to the disk.
std::string_view next_piece(std::string_view bytes) {
    const std::string_view piece = bytes.substr(0, written_at_once);
    if (piece.size() >= worth_a_start) enter_pages(piece);
    return piece;
}

void start_writing(int descriptor, off_t place, ssize_t size) noexcept {
    if (place >= 0 && size >= static_cast<ssize_t>(worth_a_start))
        sync_file_range(descriptor, place, size, SYNC_FILE_RANGE_WRITE);
}

/// A path to an open file, whatever its name.
std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

OutputFile OutputFile::create(const std::filesystem::path& path) {
    return OutputFile(opened(path, O_RDWR | O_CREAT | O_EXCL));
}

OutputFile OutputFile::nameless(const std::filesystem::path& folder) {
    const int descriptor = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (descriptor < 0) fail(Code::unsupported, "no nameless files: ", std::strerror(errno));
    OutputFile file(descriptor);
    if (access(path_of(descriptor).c_str(), F_OK) != 0) fail(Code::unsupported, "no paths to open files");
    return file;
}

OutputFile OutputFile::device(const std::filesystem::path& path) { return OutputFile(opened(path, O_WRONLY)); }

OutputFile OutputFile::in_memory() {
    const int descriptor = memfd_create("layerctl", MFD_CLOEXEC);
    if (descriptor < 0) fail_writing();
    return OutputFile(descriptor);
}

OutputFile::OutputFile(OutputFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = next_piece(bytes);
        const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_writing();
        bytes.remove_prefix(static_cast<std::size_t>(written));
        if (piece.size() >= worth_a_start)
            start_writing(descriptor_, lseek(descriptor_, 0, SEEK_CUR) - written, written);
    }
}

int write_pieces(int descriptor, std::uint64_t offset, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto place = static_cast<off_t>(offset);
        const std::string_view piece = next_piece(bytes);
        const ssize_t written = pwrite(descriptor, piece.data(), piece.size(), place);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        start_writing(descriptor, place, written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return 0;
}

void OutputFile::write_at(std::uint64_t offset, std::string_view bytes) {
    errno = write_pieces(descriptor_, offset, bytes);
    if (errno != 0) fail_writing();
}

void OutputFile::read(std::uint64_t offset, const std::function<void(std::string_view)>& visit) const {
    const std::uint64_t end = size();
    if (offset >= end) return;
    std::string piece(std::min<std::uint64_t>(piece_bytes, end - offset), '\0');
    for (;;) {
        const ssize_t got = pread(descriptor_, piece.data(), piece.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(Code::io, "cannot be read back: ", std::strerror(errno));
        if (got == 0) return;
        visit(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
        offset += static_cast<std::uint64_t>(got);
    }
}

std::uint64_t OutputFile::size() const {
    struct stat facts {};
    if (fstat(descriptor_, &facts) != 0) fail_writing();
    return static_cast<std::uint64_t>(facts.st_size);
}

std::string OutputFile::contents() const {
    std::string all;
    all.reserve(size());
    read(0, [&](std::string_view piece) { all += piece; });
    return all;
}

void OutputFile::name(const std::filesystem::path& path) {
    if (linkat(AT_FDCWD, path_of(descriptor_).c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) fail_writing();
}

void OutputFile::sync() {
    if (fsync(descriptor_) != 0 && errno != EINVAL) fail_writing();  // EINVAL: nothing that keeps bytes
}

void OutputFile::close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_writing();
}

std::string bytes_of(const FileWriter& write) {
    OutputFile file = OutputFile::in_memory();
    write(file);
    return file.contents();
}

}  // namespace layerctl::formats
