#include "formats/budget.hpp"

#include "formats/bytes.hpp"
#include "formats/zip/directory.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t tree_bytes = 16;  // that a byte of JSON text takes as a tree: an estimate, not measured

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return __builtin_add_overflow(a, b, &a) ? UINT64_MAX : a; }
std::uint64_t product(std::uint64_t a, std::uint64_t b) { return __builtin_mul_overflow(a, b, &a) ? UINT64_MAX : a; }

std::uint64_t bytes_of_member(const ZipEntry& member) {
    return member.name.ends_with(".json") ? product(member.size, tree_bytes) : member.size;
}

/// HDF5 files on disk are read where they are needed.
std::uint64_t bytes_to_open(std::uint64_t size, const ReadAt& read_at) {
    const std::string head = read_at(0, 64);
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && (head[first] == '{' || head[first] == '[')) return product(size, tree_bytes);
    if (!head.starts_with("PK")) return 0;
    std::uint64_t bytes = 0;
    if (const auto directory = read_zip_directory(size, read_at))
        for (const ZipEntry& member : directory->entries) bytes = sum(bytes, bytes_of_member(member));
    return bytes;
}

std::uint64_t bytes_of_arrays(const std::vector<StoredWeight>& arrays) {
    std::uint64_t bytes = 0;
    for (const StoredWeight& array : arrays) {
        std::uint64_t elements = dtype_size(array.dtype);
        for (const std::int64_t dim : array.shape) elements = product(elements, static_cast<std::uint64_t>(dim));
        bytes = sum(bytes, elements);
    }
    return bytes;
}

}  // namespace

std::uint64_t stored_bytes(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        const std::uintmax_t size = fs::file_size(path, error);
        return error ? 0 : size;
    }
    std::uint64_t bytes = 0;
    for (auto entry = fs::recursive_directory_iterator(path, error); !error && entry != fs::end(entry);
         entry.increment(error))
        if (entry->is_regular_file(error)) bytes = sum(bytes, entry->file_size(error));
    return bytes;
}

std::uint64_t bytes_to_open(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) ? bytes_to_open(stored_bytes(path), reader_of(path)) : 0;
}

std::uint64_t bytes_to_open(std::span<const std::byte> bytes) {
    return bytes_to_open(bytes.size(), reader_of(as_text(bytes)));
}

std::uint64_t bytes_of_arrays(const WeightStore& store) {
    std::uint64_t bytes = bytes_of_arrays(store.top_level);
    for (const WeightGroup& group : store.groups) bytes = sum(bytes, bytes_of_arrays(group.weights));
    return bytes;
}

}  // namespace layerctl::formats
