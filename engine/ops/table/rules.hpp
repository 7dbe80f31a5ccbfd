// Shape and dtype rules that many entries of the ops table share.
#pragma once

#include <vector>

#include "engine/ops/table/op.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {

using Names = std::vector<std::string_view>;
using DTypeOf = DType (*)(const Arguments&);

/// The shape of the first argument, "x".
Shapes same_shape(const Arguments& arguments);
DType same_dtype(const Arguments& arguments);

/// Numbers that are no booleans keep their dtype.
DType number_dtype(const Arguments& arguments);

/// The same where Keras 3 takes booleans as int32.
DType counting_dtype(const Arguments& arguments);

/// Floats keep their dtype. Integers become float32 in Keras 3 and are unsupported in TensorFlow, as there.
DType float_dtype(const Arguments& arguments);

/// The same, but int64 becomes float64 (Keras 3).
DType wide_float_dtype(const Arguments& arguments);

/// Floats keep their dtype; others are unsupported.
DType only_float_dtype(const Arguments& arguments);

/// Integers keep their dtype; others are unsupported.
DType only_integer_dtype(const Arguments& arguments);

/// The entry without integers: Keras 3 returns integers of them, and computing them as floats would be another answer.
Op floats_only(Op op);

DType boolean_dtype(const Arguments& arguments);

/// Of the first two arguments: their common shape, and the dtypes in which they may meet. `pair_dtype` takes Python
/// numbers as weak, `tensors_pair_dtype` makes tensors of them first; the `float` ones end in a float as Keras 3 has it.
Shapes pair_shape(const Arguments& arguments);
DType pair_dtype(const Arguments& arguments);
DType tensors_pair_dtype(const Arguments& arguments);
DType float_pair_dtype(const Arguments& arguments);
DType tensors_float_pair_dtype(const Arguments& arguments);

/// "x" in the carrier of `dtype`, or in the dtype it has.
inline Tensor x_as(const Arguments& arguments, DType dtype) { return arguments.tensor(arguments.operand("x"), dtype); }
inline Tensor x_itself(const Arguments& arguments) { return x_as(arguments, arguments.dtype("x")); }

/// The axes that argument `name` lists, ascending, or all if it is null.
std::vector<std::size_t> axes_or_all(const Arguments& arguments, std::string_view name = "axis");

/// The axis that argument `axis` names, of so many.
std::size_t axis_of(const Arguments& arguments, std::size_t rank);

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

/// `f` of every pair of elements, broadcast; the operands share a dtype.
template <class T, class F>
Tensor mapped(const Tensor& x, const Tensor& y, const Shape& shape, F f) {
    using R = decltype(f(T{}, T{}));
    const Tensor left = broadcast_to(x, shape), right = broadcast_to(y, shape);
    Tensor out = Tensor::uninitialized(dtype_of<R>, shape);
    const auto l = left.values<T>(), r = right.values<T>();
    const auto to = out.mutable_values<R>();
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = f(l[i], r[i]);
    return out;
}

/// A function of floats.
template <class F>
Op float_function(Names tf, Names keras3, F f, DTypeOf rule = float_dtype) {
    return {std::move(tf), std::move(keras3), "x", same_shape, rule, [f, rule](const Arguments& a) -> Tensors {
                const DType dtype = carried(rule(a));
                return with_float(dtype, [&]<class T>(Type<T>) { return Tensors{mapped<T>(x_as(a, dtype), f)}; });
            }};
}

/// A function of two floats, its arguments in this order.
template <class F>
Op float_pair(Names tf, Names keras3, DTypeOf rule, F f, std::string_view signature = "x y") {
    return {std::move(tf), std::move(keras3), signature, pair_shape, rule, [f, rule](const Arguments& a) -> Tensors {
                const DType dtype = rule(a);
                if (!is_floating(dtype)) fail(Code::unsupported, "wanted a float dtype, found ", dtype);
                const Tensor x = a.made_tensor(a.operand(0), dtype), y = a.made_tensor(a.operand(1), dtype);
                return with_float(carried(dtype), [&]<class T>(Type<T>) {
                    return Tensors{mapped<T>(x, y, pair_shape(a).front(), f)};
                });
            }};
}

/// A sum of sizes, unknown if either is.
std::int64_t joined(std::int64_t a, std::int64_t b);

}  // namespace layerctl::ops
