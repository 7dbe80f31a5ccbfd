// Comparisons, logic, choice between tensors, limits.
#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/nonzero.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

template <class F>
Tensor compared(const Tensor& x, const Tensor& y, F f) {
    const Shape shape = broadcast_shape(x.shape(), y.shape());
    Tensor out;
    with_numeric(x.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_arithmetic_v<T>) out = mapped<T>(x, y, shape, [&](T l, T r) -> bool { return f(l, r); });
    });
    return out;
}

template <class F>
Op comparison(Names tf, Names keras3, F f) {
    const auto dtype = [](const Arguments& a) {
        tensors_pair_dtype(a);
        return DType::boolean;
    };
    return {std::move(tf), std::move(keras3), "x y", pair_shape, dtype, [f](const Arguments& a) -> Tensors {
                const DType common = tensors_pair_dtype(a);
                return {compared(a.made_tensor(a.operand(0), common), a.made_tensor(a.operand(1), common), f)};
            }};
}

// TensorFlow wants booleans; Keras 3 asks of every number whether it is zero.
DType logic_dtype(const Arguments& a) {
    for (const std::size_t i : {0, 1})
        if (const auto own = a.own_dtype(a.operand(i)); !a.keras3() && own && *own != DType::boolean)
            fail(Code::unsupported, "wanted booleans, found ", *own);
    return DType::boolean;
}

template <class F>
Op logic(Names tf, Names keras3, F f) {
    return {std::move(tf), std::move(keras3), "x y", pair_shape, logic_dtype, [f](const Arguments& a) -> Tensors {
                return {compared(a.tensor(a.operand(0), DType::boolean), a.tensor(a.operand(1), DType::boolean), f)};
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

/// |x − y| ≤ atol + rtol·|y| of floats; other numbers are close when equal.
Tensor close(const Arguments& a, bool infinities) {
    const DType dtype = tensors_pair_dtype(a);
    const Tensor x = a.made_tensor(a.operand(0), dtype), y = a.made_tensor(a.operand(1), dtype);
    if (!is_floating(dtype)) return compared(x, y, [](auto l, auto r) { return l == r; });
    const double rtol = a.number("rtol"), atol = a.number("atol");
    const bool equal_nan = a.flag("equal_nan");
    return with_float(carried(dtype), [&]<class T>(Type<T>) {
        const T relative = static_cast<T>(rtol), absolute = static_cast<T>(atol);
        return mapped<T>(x, y, pair_shape(a).front(), [&](T l, T r) {
            if (equal_nan && std::isnan(l) && std::isnan(r)) return true;
            if (infinities && !(std::isfinite(l) && std::isfinite(r))) return l == r;
            return std::abs(l - r) <= absolute + relative * std::abs(r);
        });
    });
}

constexpr std::string_view closeness = "x y rtol=1e-05 atol=1e-08 equal_nan=false";

Op is_close() {
    return {{}, {"Isclose"}, closeness, pair_shape, boolean_dtype,
            [](const Arguments& a) -> Tensors { return {close(a, false)}; }};
}

Op all_close() {
    return {{},
            {"AllClose"},
            closeness,
            [](const Arguments& a) {
                pair_shape(a);
                return Shapes{Shape{}};
            },
            boolean_dtype,
            [](const Arguments& a) -> Tensors {
                const Tensor flags = close(a, true);
                const auto values = flags.values<bool>();
                return {Tensor::from(Shape{}, std::vector<std::uint8_t>{std::find(values.begin(), values.end(), false) ==
                                                                        values.end()})
                            .cast(DType::boolean)};
            }};
}

Op is_in() {
    return {{}, {"IsIn"}, "x y ~assume_unique invert=false", same_shape, boolean_dtype,
            [](const Arguments& a) -> Tensors {
                const DType dtype = tensors_dtype(a, {"x", "y"});
                const Tensor x = a.made_tensor(a.operand("x"), dtype), y = a.made_tensor(a.operand("y"), dtype);
                const bool inverted = a.flag("invert") && y.elements() > 0;  // nothing is in nothing, even inverted
                Tensor out;
                with_numeric(x.dtype(), [&]<class T>(Type<T>) {
                    if constexpr (std::is_arithmetic_v<T>) {
                        const auto set = y.values<T>();
                        out = mapped<T>(x, [&](T v) { return (std::find(set.begin(), set.end(), v) != set.end()) != inverted; });
                    }
                });
                return {out};
            }};
}

Shapes where_shape(const Arguments& a) {
    if (!a.given("x") && !a.given("y")) return nonzero_shapes(a, "condition");
    return {broadcast_shape(a.shape("condition"), broadcast_shape(a.shape("x"), a.shape("y")))};
}

// TensorFlow 1 broadcasts nothing: a vector of conditions chooses rows there.
Shapes same_shapes(const Arguments& a) {
    const Shape x = a.shape("x"), condition = a.shape("condition");
    if (!x.is_compatible_with(a.shape("y")) || !(condition.rank() == 0 || condition.is_compatible_with(x)))
        fail(Code::unsupported, "wanted a condition and tensors of one shape, found ", condition, ", ", x, " and ",
             a.shape("y"));
    return where_shape(a);
}

DType where_dtype(const Arguments& a) {
    const auto condition = a.own_dtype(a.operand("condition"));
    if (!a.keras3() && condition && *condition != DType::boolean)
        fail(Code::unsupported, "wanted a condition of bool, found ", *condition);
    if (!a.given("x") && !a.given("y")) return position_dtype(a);
    return common_dtype(a, {"x", "y"});
}

Tensor chosen(const Tensor& condition, const Tensor& x, const Tensor& y) {
    const Shape shape = broadcast_shape(condition.shape(), broadcast_shape(x.shape(), y.shape()));
    const Tensor when = broadcast_to(condition, shape), left = broadcast_to(x, shape), right = broadcast_to(y, shape);
    Tensor out = Tensor::uninitialized(x.dtype(), shape);
    with_numeric(x.dtype(), [&]<class T>(Type<T>) {
        const auto yes = left.values<T>(), no = right.values<T>();
        const auto flags = when.values<bool>();
        const auto to = out.mutable_values<T>();
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = flags[i] ? yes[i] : no[i];
    });
    return out;
}

Tensors choose(const Arguments& a) {
    if (!a.given("x") && !a.given("y")) return nonzero(a, "condition");
    const DType dtype = where_dtype(a);
    return {chosen(a.tensor(a.operand("condition"), DType::boolean), a.tensor(a.operand("x"), dtype),
                   a.tensor(a.operand("y"), dtype))};
}

// The first choice whose condition holds.
Op select() {
    const auto dtype = [](const Arguments& a) {
        std::vector<const Operand*> operands = a.list("choicelist");
        operands.push_back(&a.operand("default"));
        return common_dtype(a, operands);
    };
    const auto shapes = [](const Arguments& a) -> Shapes {
        Shape shape = a.shape("default");
        for (const std::string_view list : {"condlist", "choicelist"})
            for (const Operand* part : a.list(list)) shape = broadcast_shape(shape, a.shape(*part));
        return {shape};
    };
    return {{}, {"Select"}, "condlist choicelist default=0", shapes, dtype, [=](const Arguments& a) -> Tensors {
                const DType common = dtype(a);
                const auto conditions = a.list("condlist"), choices = a.list("choicelist");
                if (conditions.size() != choices.size())
                    fail(Code::config, "wanted as many choices as conditions, found ", choices.size(), " and ",
                         conditions.size());
                Tensor y = broadcast_to(a.tensor(a.operand("default"), common), shapes(a).front());
                for (std::size_t i = choices.size(); i-- > 0;)
                    y = chosen(a.tensor(*conditions[i], DType::boolean), a.tensor(*choices[i], common), y);
                return {y};
            }};
}

// TensorFlow and, through it, Keras 3 keep the dtype of x, but for booleans.
DType clip_dtype(const Arguments& a) {
    const DType common = common_dtype(a, {"x", "low", "high"});
    if (!a.keras3()) return common;
    const DType dtype = counting_dtype(a);
    if (is_floating(common) && !is_floating(dtype)) fail(Code::unsupported, "limits of ", common, " for ", dtype);
    return dtype;
}

// The lower limit comes last: it wins where it is above the upper one.
Tensors clip(const Arguments& a) {
    const DType dtype = clip_dtype(a);
    const Shape shape = a.shape("x");
    Tensor y = x_as(a, dtype);
    for (const bool low : {false, true}) {
        const Tensor limit = a.tensor(a.operand(low ? "low" : "high"), dtype);
        with_arithmetic(y.dtype(), [&]<class T>(Type<T>) {
            binary<T>(y, limit, y, [&](T v, T end) { return low ? (v < end ? end : v) : (v > end ? end : v); });
        });
    }
    return {y.reshaped(shape)};
}

Shapes clip_shape(const Arguments& a) {
    for (const std::string_view name : {"low", "high"})
        if (broadcast_shape(a.shape(name), a.shape("x")).rank() != a.shape("x").rank())
            fail(Code::shape, "argument '", name, "': wanted limits for shape ", a.shape("x"), ", found ", a.shape(name));
    return same_shape(a);
}

OpList comparisons() {
    return {
        comparison({"math.greater", "greater"}, {"Greater"}, [](auto l, auto r) { return l > r; }),
        comparison({"math.greater_equal", "greater_equal"}, {"GreaterEqual"}, [](auto l, auto r) { return l >= r; }),
        comparison({"math.less", "less"}, {"Less"}, [](auto l, auto r) { return l < r; }),
        comparison({"math.less_equal", "less_equal"}, {"LessEqual"}, [](auto l, auto r) { return l <= r; }),
        comparison({"math.equal", "equal", "__operators__.eq"}, {"Equal"}, [](auto l, auto r) { return l == r; }),
        comparison({"math.not_equal", "not_equal", "__operators__.ne"}, {"NotEqual"},
                   [](auto l, auto r) { return l != r; }),
        is_close(),
        all_close(),
        is_in(),
    };
}

OpList logic_and_predicates() {
    Op is_real = {{}, {"Isreal"}, "x", same_shape, boolean_dtype, [](const Arguments& a) -> Tensors {
                      return {broadcast_to(constant_tensor(true, DType::boolean), a.shape("x"))};
                  }};
    return {
        logic({"math.logical_and", "logical_and"}, {"LogicalAnd"}, [](bool l, bool r) { return l && r; }),
        logic({"math.logical_or", "logical_or"}, {"LogicalOr"}, [](bool l, bool r) { return l || r; }),
        logic({"math.logical_xor"}, {"LogicalXor"}, [](bool l, bool r) { return l != r; }),
        logical_not(),
        predicate({"math.is_nan"}, {"Isnan"}, [](auto x) { return std::isnan(x); }),
        predicate({"math.is_inf"}, {"Isinf"}, [](auto x) { return std::isinf(x); }),
        predicate({"math.is_finite"}, {"Isfinite"}, [](auto x) { return std::isfinite(x); }),
        predicate({}, {"Isposinf"}, [](auto x) { return std::isinf(x) && x > 0; }),
        predicate({}, {"Isneginf"}, [](auto x) { return std::isinf(x) && x < 0; }),
        predicate({}, {"Signbit"}, [](auto x) { return std::signbit(x); }),
        std::move(is_real),
    };
}

OpList choices_and_limits() {
    return {
        {{"where"}, {"Where"}, "condition x|x1=null y|x2=null", where_shape, where_dtype, choose},
        {{"compat.v1.where"}, {}, "condition x y", same_shapes, where_dtype, choose},
        select(),
        {{"clip_by_value"},
         {"Clip"},
         "x|t low|clip_value_min|x_min high|clip_value_max|x_max",
         clip_shape,
         clip_dtype,
         clip},
    };
}

}  // namespace

const OpList& comparison_ops() {
    static const OpList ops = [] {
        OpList list = comparisons();
        for (const auto& part : {logic_and_predicates(), choices_and_limits()})
            list.insert(list.end(), part.begin(), part.end());
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
