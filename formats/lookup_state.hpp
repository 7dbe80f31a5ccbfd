// What lookup layers keep beside their weights: a vocabulary in a text file, document frequencies in an array of that name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formats/json/edits.hpp"
#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Puts it where Keras' constructors take it: into the configs of the layers, unless these hold it already. Text files
/// are named as in the archive: "layers/string_lookup/vocabulary.txt".
void adopt_lookup_state(ModelSpec& model, const std::map<std::string, std::string>& assets);

/// Puts what was adopted into the text of the model's config, where every Keras reads it from every kind of file.
std::vector<Edit> lookup_state_edits(const ModelSpec& model);

}  // namespace layerctl::formats
