// Comparisons, logic, choice between tensors, casts and limits.
#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

Shapes pair_shape(const Arguments& a) { return {broadcast_shape(a.shape("x"), a.shape("y"))}; }

template <class F>
Tensor compared(const Tensor& x, const Tensor& y, F f) {
    const Shape shape = broadcast_shape(x.shape(), y.shape());
    const Tensor left = broadcast_to(x, shape), right = broadcast_to(y, shape);
    Tensor out = Tensor::uninitialized(DType::boolean, shape);
    with_numeric(left.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_arithmetic_v<T>) {
            const auto l = left.values<T>(), r = right.values<T>();
            const auto to = out.mutable_values<bool>();
            for (std::size_t i = 0; i < to.size(); ++i) to[i] = f(l[i], r[i]);
        }
    });
    return out;
}

template <class F>
Op comparison(Names tf, Names keras3, F f) {
    const auto dtype = [](const Arguments& a) {
        common_dtype(a, {"x", "y"});
        return DType::boolean;
    };
    return {std::move(tf), std::move(keras3), "x y", pair_shape, dtype, [f](const Arguments& a) -> Tensors {
                const DType common = common_dtype(a, {"x", "y"});
                return {compared(a.tensor(a.operand("x"), common), a.tensor(a.operand("y"), common), f)};
            }};
}

// TensorFlow wants booleans; Keras 3 asks of every number whether it is zero.
DType logic_dtype(const Arguments& a) {
    for (const std::string_view name : {"x", "y"})
        if (const auto own = a.own_dtype(a.operand(name)); !a.keras3() && own && *own != DType::boolean)
            fail(Code::unsupported, "wanted booleans, found ", *own);
    return DType::boolean;
}

template <class F>
Op logic(Names tf, Names keras3, F f) {
    return {
        std::move(tf), std::move(keras3), "x y", pair_shape, logic_dtype, [f](const Arguments& a) -> Tensors {
            return {compared(a.tensor(a.operand("x"), DType::boolean), a.tensor(a.operand("y"), DType::boolean), f)};
        }};
}

template <class F>
Op predicate(Names tf, Names keras3, F f) {
    const auto dtype = [](const Arguments& a) {
        float_dtype(a);
        return DType::boolean;
    };
    return {std::move(tf), std::move(keras3), "x", same_shape, dtype, [f](const Arguments& a) -> Tensors {
                const DType floats = carried(float_dtype(a));
                return with_float(floats, [&]<class T>(Type<T>) { return Tensors{mapped<T>(x_as(a, floats), f)}; });
            }};
}

Op logical_not() {
    const auto dtype = [](const Arguments& a) {
        if (!a.keras3() && a.dtype("x") != DType::boolean)
            fail(Code::unsupported, "wanted booleans, found ", a.dtype("x"));
        return DType::boolean;
    };
    return {{"math.logical_not"}, {"LogicalNot"}, "x", same_shape, dtype, [](const Arguments& a) -> Tensors {
                return {mapped<bool>(x_as(a, DType::boolean), [](bool value) { return !value; })};
            }};
}

Shapes where_shape(const Arguments& a) {
    return {broadcast_shape(a.shape("condition"), broadcast_shape(a.shape("x"), a.shape("y")))};
}

DType where_dtype(const Arguments& a) {
    const DType condition = a.dtype("condition");
    if (!a.keras3() && condition != DType::boolean)
        fail(Code::unsupported, "wanted a condition of bool, found ", condition);
    return common_dtype(a, {"x", "y"});
}

Tensors choose(const Arguments& a) {
    const DType dtype = carried(where_dtype(a));
    const Shape shape = where_shape(a).front();
    const Tensor condition = broadcast_to(a.tensor(a.operand("condition"), DType::boolean), shape);
    const Tensor x = broadcast_to(a.tensor(a.operand("x"), dtype), shape);
    const Tensor y = broadcast_to(a.tensor(a.operand("y"), dtype), shape);
    Tensor out = Tensor::uninitialized(dtype, shape);
    with_numeric(dtype, [&]<class T>(Type<T>) {
        const auto yes = x.values<T>(), no = y.values<T>();
        const auto flags = condition.values<bool>();
        const auto to = out.mutable_values<T>();
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = flags[i] ? yes[i] : no[i];
    });
    return {out};
}

// TensorFlow keeps the dtype of x; Keras 3 lets the limits promote it.
DType clip_dtype(const Arguments& a) {
    if (a.dtype("x") == DType::boolean) fail(Code::unsupported, "arithmetic on bool");
    const DType dtype = common_dtype(a, {"x", "low", "high"});
    return dtype;
}

Tensors clip(const Arguments& a) {
    const DType dtype = clip_dtype(a);
    const Shape shape = a.shape("x");
    Tensor y = x_as(a, dtype);
    for (const bool low : {true, false}) {
        const Tensor limit = a.tensor(a.operand(low ? "low" : "high"), dtype);
        with_arithmetic(y.dtype(), [&]<class T>(Type<T>) {
            binary<T>(y, limit, y, [&](T v, T end) { return low ? (v < end ? end : v) : (v > end ? end : v); });
        });
    }
    return {y.reshaped(shape)};
}

Shapes clip_shape(const Arguments& a) {
    for (const std::string_view name : {"low", "high"})
        if (a.shape(name).rank() > 0) fail(Code::unsupported, "argument '", name, "': wanted a number, found an array");
    return same_shape(a);
}

Tensors cast(const Arguments& a) {
    const DType target = a.dtype_named("dtype");
    const Tensor x = x_as(a, a.dtype("x"));
    return {x.cast(target).cast(carried(target))};
}

DType cast_dtype(const Arguments& a) {
    const DType target = a.dtype_named("dtype");
    if (target == DType::string || a.dtype("x") == DType::string) fail(Code::unsupported, "casts of strings");
    return target;
}

}  // namespace

const OpList& comparison_ops() {
    static const OpList ops = {
        comparison({"math.greater", "greater"}, {"Greater"}, [](auto l, auto r) { return l > r; }),
        comparison({"math.greater_equal", "greater_equal"}, {"GreaterEqual"}, [](auto l, auto r) { return l >= r; }),
        comparison({"math.less", "less"}, {"Less"}, [](auto l, auto r) { return l < r; }),
        comparison({"math.less_equal", "less_equal"}, {"LessEqual"}, [](auto l, auto r) { return l <= r; }),
        comparison({"math.equal", "equal", "__operators__.eq"}, {"Equal"}, [](auto l, auto r) { return l == r; }),
        comparison({"math.not_equal", "not_equal", "__operators__.ne"}, {"NotEqual"},
                   [](auto l, auto r) { return l != r; }),
        logic({"math.logical_and", "logical_and"}, {"LogicalAnd"}, [](bool l, bool r) { return l && r; }),
        logic({"math.logical_or", "logical_or"}, {"LogicalOr"}, [](bool l, bool r) { return l || r; }),
        logic({"math.logical_xor"}, {"LogicalXor"}, [](bool l, bool r) { return l != r; }),
        logical_not(),
        predicate({"math.is_nan"}, {"Isnan"}, [](auto x) { return std::isnan(x); }),
        predicate({"math.is_inf"}, {"Isinf"}, [](auto x) { return std::isinf(x); }),
        predicate({"math.is_finite"}, {"Isfinite"}, [](auto x) { return std::isfinite(x); }),
        {{"where"}, {"Where"}, "condition x y", where_shape, where_dtype, choose},
        {{"clip_by_value"},
         {"Clip"},
         "x|t low|clip_value_min|x_min high|clip_value_max|x_max",
         clip_shape,
         clip_dtype,
         clip},
        {{"cast"}, {"Cast"}, "x dtype", same_shape, cast_dtype, cast},
    };
    return ops;
}

}  // namespace layerctl::ops
