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

/// What lookup layers keep beside their weights — a vocabulary in a text file, document frequencies in an array of that
/// name — is put where Keras' constructors take it: into their configs, unless these hold it already. Text files are
/// named as in the archive: "layers/string_lookup/vocabulary.txt".
void adopt_lookup_state(ModelSpec& model, const std::map<std::string, std::string>& assets);

}  // namespace layerctl::formats
