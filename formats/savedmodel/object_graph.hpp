// The objects of a TensorFlow 2 checkpoint: which object holds which under what name, and where variables are stored.
#pragma once

#include "formats/object_weights.hpp"
#include "formats/savedmodel/bundle.hpp"

namespace layerctl::formats {

/// The arrays of a model's layers, found by walking from the model through them; `layers` is the list of that name in
/// its config. Objects are named as in a .keras archive
/// (models/object_names.hpp). `sequential` models do not count their InputLayer.
ObjectArrays find_objects(const Bundle& bundle, const Value::Array& layers, bool sequential);

}  // namespace layerctl::formats
