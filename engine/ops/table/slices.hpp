// Python's indexing of tensors: integers, slices, new axes and "...".
#pragma once

#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// The shape of x[key].
Shapes sliced_shape(const Arguments& arguments);

/// x[key] for the arguments' `key`.
Tensor sliced(const Arguments& arguments, const Tensor& x);

}  // namespace layerctl::ops
