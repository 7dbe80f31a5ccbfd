// Whether a layer sees the mask of what it reads.
#pragma once

#include "engine/layer.hpp"

namespace layerctl {

/// Keras 3 hangs a mask on the tensor object, and a layer that casts its input to its own dtype reads another object.
inline bool keeps_mask(const Layer& layer, std::size_t input, DType given) {
    return layer.context().dialect != Dialect::keras3 || !is_floating(given) ||
           layer.input_dtype(input, given) == given;
}

}  // namespace layerctl
