// The weights of a TensorFlow.js model: groups of files, in which arrays follow each other without gaps.
#pragma once

#include <filesystem>
#include <vector>

#include "models/value.hpp"
#include "models/weight_store.hpp"

namespace layerctl::formats {

/// The arrays that `weightsManifest` lists. Quantized ones become what they were made of. Each file must be a plain
/// file of the folder; a group must hold exactly its arrays.
std::vector<StoredWeight> read_manifest(const Value& manifest, const std::filesystem::path& folder);

}  // namespace layerctl::formats
