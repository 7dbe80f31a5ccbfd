// Operations that move elements without looking at them: any dtype with a size, by bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// Copies the part of x that fits into y when element 0 of x lands on element `offset` of y, per axis. Negative offsets
/// cut x; elements of y that x does not reach keep what they held.
void place(const Tensor& x, const std::vector<std::int64_t>& offset, Tensor& y);

/// Every element of x `times[axis]` times in a row along each axis; y has the size for it.
void repeat(const Tensor& x, const std::vector<std::int64_t>& times, Tensor& y);

}  // namespace layerctl::ops
