// Shape and dtype rules that many entries of the ops table share.
#pragma once

#include <vector>

#include "engine/ops/table/op.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {

/// The shape of the first argument, "x".
Shapes same_shape(const Arguments& arguments);
DType same_dtype(const Arguments& arguments);

/// Numbers that are no booleans keep their dtype.
DType number_dtype(const Arguments& arguments);

/// Floats keep their dtype. Integers become float32 in Keras 3 and are unsupported in TensorFlow, as there.
DType float_dtype(const Arguments& arguments);

/// The entry without integers: Keras 3 returns integers of them, and computing them as floats would be another answer.
Op floats_only(Op op);

DType boolean_dtype(const Arguments& arguments);

/// "x" in the carrier of `dtype`.
inline Tensor x_as(const Arguments& arguments, DType dtype) { return arguments.tensor(arguments.operand("x"), dtype); }

/// A tensor of each element's `f`.
template <class T, class F>
Tensor mapped(const Tensor& x, F f) {
    using R = decltype(f(T{}));
    Tensor y = Tensor::uninitialized(dtype_of<R>, x.shape());
    const auto from = x.values<T>();
    const auto to = y.mutable_values<R>();
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = f(from[i]);
    return y;
}

/// A sum of sizes, unknown if either is.
std::int64_t joined(std::int64_t a, std::int64_t b);

}  // namespace layerctl::ops
