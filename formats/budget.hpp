// How much memory loading a file takes, known before it is taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "models/weight_store.hpp"

namespace layerctl::formats {

/// Bytes of a file, or of all files of a folder.
std::uint64_t stored_bytes(const std::filesystem::path& path);

/// Bytes that are taken before the first array is read, as the file claims: members of an archive unpacked, JSON as a
/// tree. Nothing is unpacked for it.
std::uint64_t bytes_to_open(const std::filesystem::path& path);
std::uint64_t bytes_to_open(std::span<const std::byte> bytes);

/// Bytes of the described arrays of a model; the greatest number if 64 bits cannot count them. An optimizer's are never
/// read.
std::uint64_t bytes_of_arrays(const WeightStore& store);

}  // namespace layerctl::formats
