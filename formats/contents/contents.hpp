// What a file holds, part by part, and what is wrong with it; also of files that are no whole model.
#pragma once

#include <filesystem>
#include <span>

#include "models/contents.hpp"

namespace layerctl::formats {

/// Reads as far as the file can be read; what cannot be is among the faults. Arrays are described, not read.
/// A file that is of none of Keras' kinds is an Error that names what it is.
Contents read_contents(const std::filesystem::path& path);
Contents read_contents(std::span<const std::byte> bytes);

}  // namespace layerctl::formats
