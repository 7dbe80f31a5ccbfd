// Moving and repeating axes, for tensors of any dtype.
#pragma once

#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

using Permutation = std::vector<std::size_t>;

/// Axis i of the result is axis `permutation[i]` of `x`. The identity shares bytes.
Tensor transpose(const Tensor& x, const Permutation& permutation);

/// `x` repeated along new and one-element axes, as numpy's broadcast_to.
Tensor broadcast_to(const Tensor& x, const Shape& shape);

/// The shape of `transpose`.
Shape transposed_shape(const Shape& shape, const Permutation& permutation);

/// The permutation that undoes it.
Permutation inverse(const Permutation& permutation);

/// The permutation that moves `axes` behind the others, both in their present order.
Permutation to_back(const std::vector<std::size_t>& axes, std::size_t rank);

}  // namespace layerctl::ops
