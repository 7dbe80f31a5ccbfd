// Models and weights as HDF5 files of Keras.
#pragma once

#include <string>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// A whole model in the legacy format (formats.md 1), not compiled. `weights` are by order.
std::string write_h5_model(const ModelSpec& model, const WeightStore& weights);

/// The weights alone, in the legacy format.
std::string write_h5_weights(const ModelSpec& model, const WeightStore& weights);

/// Weights by object: .weights.h5, and model.weights.h5 of an archive (formats.md 3). `weights` are by path.
std::string write_object_weights(const WeightStore& weights);

}  // namespace layerctl::formats
