// Joining tensors along an axis.
#pragma once

#include "models/tensor.hpp"

namespace layerctl::ops {

/// The tensors one after another along `axis`. They share a dtype, any, and their other dimensions.
Tensor concatenate(const Tensors& parts, std::size_t axis);

}  // namespace layerctl::ops
