// The superblock, with which an HDF5 file begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/bytes.hpp"

namespace layerctl::formats::h5 {

inline constexpr std::string_view signature{"\x89HDF\r\n\x1a\n", 8};

/// Where the superblock lies in a file of that size: at its start or behind a user block of 512, 1024, 2048, … bytes.
/// Nothing if there is none.
std::optional<std::uint64_t> find_superblock(std::uint64_t size, const ReadAt& read_at);

/// The size the file had when it was closed, as the superblock at that offset says. Nothing if it is damaged.
std::optional<std::uint64_t> end_of_file(std::uint64_t superblock, const ReadAt& read_at);

}  // namespace layerctl::formats::h5
