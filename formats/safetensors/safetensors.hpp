// safetensors (formats.md 8): a JSON header, then the arrays one after the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::formats {

/// Strings are Code::unsupported.
std::string write_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays);

}  // namespace layerctl::formats
