// Python's indexing of tensors: integers, slices, new axes and "...".
#pragma once

#include "engine/ops/request.hpp"
#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// The shape of x[key].
Shapes sliced_shape(const Arguments& arguments);

/// x[key] for the arguments' `key`.
Tensor sliced(const Arguments& arguments, const Tensor& x);

/// The margins that x[key] cuts off; nothing if it takes other than neighbours in their order.
std::optional<Pad> cut_off(const Arguments& arguments);

}  // namespace layerctl::ops
