// safetensors (formats.md 8): a JSON header, then the arrays one after the other.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "formats/output_file.hpp"
#include "models/tensor.hpp"
#include "models/weight_store.hpp"

namespace layerctl::formats {

/// The arrays of a file; their numbers are read on demand. The header must describe every byte behind it exactly once.
/// float8 and complex numbers are Code::unsupported.
std::vector<StoredWeight> load_safetensors(const std::filesystem::path& path);

/// Strings are Code::unsupported.
void write_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays, OutputFile& file);

}  // namespace layerctl::formats
