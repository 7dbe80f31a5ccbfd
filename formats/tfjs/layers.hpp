// What TensorFlow.js 4.22 makes of Keras 2's layers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// The shape of the first input of each layer, by its place in the ModelSpec; unknown ones are left out.
using InputShapes = std::map<const LayerSpec*, Shape>;

/// Code::unsupported, by layer, for what TensorFlow.js does not have or computes in another way than Keras.
void require_known_to_tfjs(const ModelSpec& model, const InputShapes& inputs);

/// The model's config with what is called otherwise there: regularizers L1 and L2, initializers of LeCun, and without
/// the arguments that Keras writes for SeparableConv2D and does not use.
Value tfjs_config(const ModelSpec& model);

/// The names its layers give their weights, in the order of `weights`, which are those of `export_weights` by name.
std::vector<std::string> tfjs_names(const ModelSpec& model, const std::vector<StoredWeight>& weights);

}  // namespace layerctl::formats
