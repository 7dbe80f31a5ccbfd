// Weights in several .weights.h5 files beside a .weights.json that says what is where (formats.md 4).
#pragma once

#include <filesystem>

#include "models/config.hpp"
#include "models/weight_store.hpp"

namespace layerctl::formats {

/// The weights of an index that lies at `path`.
WeightStore load_sharded_weights(const Config& index, const std::filesystem::path& path);

/// The files that it names, all beside it; Code::refused for names that Keras itself would not give its shards.
std::vector<std::filesystem::path> shard_files(const Config& index, const std::filesystem::path& path);

}  // namespace layerctl::formats
