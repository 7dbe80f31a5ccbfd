// Work along some axes of a tensor, one row at a time.
#pragma once

#include <vector>

#include "engine/ops/transpose.hpp"
#include "models/tensor.hpp"

namespace layerctl::ops {

/// Calls `action(row, n)` for every set of elements of `y` that differ only in `axes`, laid out one after another.
/// What it writes to the row lands in `y`.
template <class T, class Action>
void for_each_row(Tensor& y, const std::vector<std::size_t>& axes, Action action) {
    const Permutation order = to_back(axes, y.shape().rank());
    Tensor moved = transpose(y, order);
    y = Tensor();  // lets `moved` be written in place where nothing had to move
    const std::int64_t n = moved.shape().elements(moved.shape().rank() - axes.size(), moved.shape().rank());
    const std::span<T> values = moved.mutable_values<T>();
    for (std::size_t at = 0; at < values.size(); at += static_cast<std::size_t>(n)) action(values.data() + at, n);
    y = transpose(moved, inverse(order));
}

}  // namespace layerctl::ops
