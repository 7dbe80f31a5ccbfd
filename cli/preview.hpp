// What a person wants to see of a tensor: its kind, a few numbers, and for probabilities the likeliest classes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/layerctl.hpp"

namespace layerctl::cli {

/// A heading and the first rows of axis 0, as text.
std::string preview(const NamedTensor& output);

/// Shape, dtype, extremes and the first values; `top` for probabilities.
nlohmann::ordered_json preview_json(const NamedTensor& output);

}  // namespace layerctl::cli
