// Weights stored in other layouts than layers declare today: those of Keras 1, of the Theano backend and of cuDNN.
#pragma once

#include <vector>

#include "engine/layer.hpp"
#include "models/layer_spec.hpp"
#include "models/weight_store.hpp"

namespace layerctl::layouts {

/// A weight as the graph wants it, and the layer it belongs to.
struct Wanted {
    const WeightSpec* spec = nullptr;
    const LayerSpec* layer = nullptr;
};

/// What the file holds for the weights of one of the outer model's layers, in the same order as `wanted` and in the
/// layouts they declare. Only descriptions change hands here: arrays are turned when they are read. What needs no
/// turning, or does not fit at all, comes back as it is. Facts are those of Keras' preprocess_weights_for_loading.
/// As Keras 2 does, weights that do not say which version wrote them count as those of Keras 1.
std::vector<StoredWeight> declared(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored,
                                   const WeightStore& store, Dialect dialect);

}  // namespace layerctl::layouts
