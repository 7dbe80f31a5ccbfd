// Work on the lines of a tensor: the elements along one axis.
#pragma once

#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {

/// The permutation that moves an axis last.
inline Permutation last(std::size_t axis, std::size_t rank) { return to_back({axis}, rank); }

/// Each line of n elements of type T becomes one of `m` elements of type R: `f(from, n, to)`.
template <class T, class R, class F>
Tensor along_axis(const Tensor& x, std::size_t axis, std::int64_t m, F f) {
    const Permutation order = last(axis, x.shape().rank());
    const Tensor lines = transpose(x, order);
    const std::int64_t n = lines.shape().back();
    Tensor y = Tensor::uninitialized(dtype_of<R>, lines.shape().with_back(m));
    const T* from = lines.values<T>().data();
    R* to = y.mutable_values<R>().data();
    for (std::int64_t left = lines.shape().elements(0, lines.shape().rank() - 1); left > 0; --left, from += n, to += m)
        f(from, n, to);
    return transpose(y, inverse(order));
}

/// An axis that may be null, which stands for all elements in one line.
struct Line {
    Shape shape;  // of x, or of its elements in one line
    std::size_t axis = 0;
};
inline Line line_of(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (a.given("axis")) return {shape, axis_of(a, shape.rank())};
    return {Shape{shape.is_known() ? shape.elements() : Shape::unknown}, 0};
}

/// The axis of an operation that has one of several names, or the last.
inline Shapes line_shape(const Arguments& a) { return {line_of(a).shape}; }

}  // namespace layerctl::ops
