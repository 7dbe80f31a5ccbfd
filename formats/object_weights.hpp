// Weights stored by object: every layer, cell or sub-layer is a path with numbered arrays (formats.md 3).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Arrays of the objects of a file, each named by its last component: "layers/dense" -> "0", "1". The model is "".
using ObjectArrays = std::map<std::string, std::vector<StoredWeight>>;

/// A child of the model that holds what training left: the optimizer, metrics.
bool is_training_state(std::string_view name);

/// Sorts arrays by number and sets the optimizer's apart; states of metrics are left out. A number left out is
/// Code::weights.
WeightStore store_of_objects(ObjectArrays objects);

}  // namespace layerctl::formats
