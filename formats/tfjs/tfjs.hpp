// Layers models of TensorFlow.js: a model.json with the topology and a manifest of the weights, which lie in files
// beside it (formats.md 7).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "formats/tfjs/layers.hpp"
#include "models/model_spec.hpp"

namespace layerctl::formats {

/// A JSON document with a topology or a manifest.
bool is_tfjs(const Value& document);

/// `folder` is where the manifest's files are. A graph model is Code::unsupported, a file outside of the folder
/// Code::refused. A document without a manifest is an architecture.
std::shared_ptr<ModelSpec> load_tfjs_model(const Config& document, const std::filesystem::path& folder);

/// The weights alone, by name.
WeightStore load_tfjs_weights(const Config& document, const std::filesystem::path& folder);

using NamedFiles = std::vector<std::pair<std::string, std::string>>;

/// The files of a folder, model.json last. `weights` are by name. Weights of 32 bits at most go into files of 4 MiB.
/// What TensorFlow.js 4.22 does not know is Code::unsupported: Keras 3, other classes, other dtypes.
NamedFiles write_tfjs(const ModelSpec& model, const WeightStore& weights, const InputShapes& inputs);

}  // namespace layerctl::formats
