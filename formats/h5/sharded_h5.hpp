// Weights in several .weights.h5 files beside a .weights.json that says what is where (formats.md 4).
#pragma once

#include <filesystem>

#include "models/weight_store.hpp"

namespace layerctl::formats {

/// The index names its shards; only names that Keras itself would give them are accepted, and only beside the index.
WeightStore load_sharded_weights(const std::filesystem::path& index);

/// The files that an index names, all beside it; Code::refused for names that are not those of its shards.
std::vector<std::filesystem::path> shard_files(const std::filesystem::path& index);

}  // namespace layerctl::formats
