// Where a tensor is not zero: positions, as many as the numbers in it decide.
#pragma once

#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// int64 in TensorFlow, int32 in Keras 3.
DType position_dtype(const Arguments& arguments);

/// Keras 3: one row of positions for each axis. TensorFlow: one tensor, a row for each element found.
Shapes nonzero_shapes(const Arguments& arguments, std::string_view name);
Tensors nonzero(const Arguments& arguments, std::string_view name);

}  // namespace layerctl::ops
