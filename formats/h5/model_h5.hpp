// Keras' legacy HDF5 files: a whole model, or only its weights.
#pragma once

#include <memory>

#include "formats/h5/file.hpp"
#include "models/model_spec.hpp"

namespace layerctl::formats {

/// A whole model: config, weights (their numbers on demand, which keeps the file open) and metadata.
/// Problems of config and weights are reported together.
std::shared_ptr<ModelSpec> load_h5_model(const std::shared_ptr<const h5::File>& file);

/// The weights of a whole-model or a weights-only file.
WeightStore load_h5_weights(const std::shared_ptr<const h5::File>& file);

}  // namespace layerctl::formats
