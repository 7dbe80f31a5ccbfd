// The records of a zip archive as they stand in it (APPNOTE.TXT 4.3): for saying what is wrong with one that ZipArchive
// refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.hpp"

namespace layerctl::formats {

struct ZipEntry {
    std::string name;
    std::uint64_t method = 0;  // 0 stored, 8 deflate
    std::uint64_t stored = 0;  // bytes in the archive
    std::uint64_t size = 0;    // bytes unpacked, as claimed
    std::uint64_t begin = 0;   // of its local header
    std::uint64_t end = 0;     // of its stored bytes
    bool is_link = false;
};

/// The entries in the archive's order. The numbers are as found: they may contradict each other and the file.
struct ZipDirectory {
    std::vector<ZipEntry> entries;
    std::uint64_t begin = 0;    // of the directory
    std::uint64_t end = 0;      // of the record that ends the archive
    std::uint64_t comment = 0;  // bytes of text behind that record
};

/// Nothing if the directory is missing or damaged, as in a truncated archive.
std::optional<ZipDirectory> read_zip_directory(std::uint64_t size, const ReadAt& read_at);

/// The first member that, after the header before its bytes, reaches beyond the end of the file.
std::optional<ZipEntry> find_cut_member(std::uint64_t size, const ReadAt& read_at);

/// A name that is no path below the archive: absolute, with a backslash or with "..".
bool leads_outside(std::string_view name);

}  // namespace layerctl::formats
