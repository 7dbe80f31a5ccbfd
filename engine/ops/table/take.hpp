// Picking elements along one axis, for tensors of any dtype: what slicing, gathering, rolling, tiling … come down to.
#pragma once

#include <cstdint>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// Element i of the result along `axis` is element `from[i]` of `x`. An index outside the axis is Code::input.
Tensor take(const Tensor& x, std::size_t axis, const std::vector<std::int64_t>& from);

}  // namespace layerctl::ops
