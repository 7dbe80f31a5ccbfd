// Elementwise operators between two numbers.
#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/special_functions.hpp"
#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

DType no_boolean(DType dtype) {
    if (dtype == DType::boolean) fail(Code::unsupported, "arithmetic on ", dtype);
    return dtype;
}

DType operator_dtype(const Arguments& a) { return no_boolean(pair_dtype(a)); }

/// Keras 3: tensors first, and booleans count as int32.
DType remainder_dtype(const Arguments& a) {
    const DType dtype = tensors_pair_dtype(a);
    return a.keras3() && dtype == DType::boolean ? DType::int32 : no_boolean(dtype);
}

/// TensorFlow divides int32 and int64 as float64, smaller integers as float32.
DType quotient_dtype(const Arguments& a) {
    if (a.keras3()) return float_pair_dtype(a);
    const DType dtype = no_boolean(pair_dtype(a));
    if (is_floating(dtype)) return dtype;
    return dtype_size(dtype) <= 2 ? DType::float32 : DType::float64;
}

/// Keras 3's floats of two numbers, int64 as float64.
DType wide_float_pair_dtype(const Arguments& a) {
    const DType dtype = tensors_pair_dtype(a);
    return dtype == DType::int64 ? DType::float64 : is_floating(dtype) ? dtype : DType::float32;
}

template <class F>
Tensors apply_operator(DType dtype, const Tensor& x, const Tensor& y, F f) {
    Tensor out = Tensor::uninitialized(carried(dtype), broadcast_shape(x.shape(), y.shape()));
    with_arithmetic(out.dtype(),
                    [&]<class T>(Type<T>) { binary<T>(x, y, out, [&](T l, T r) { return static_cast<T>(f(l, r)); }); });
    return {out};
}

template <class F>
Op number_operator(Names tf, Names keras3, F f, DTypeOf rule = operator_dtype) {
    return {std::move(tf), std::move(keras3), "x y", pair_shape, rule, [f, rule](const Arguments& a) {
                const DType dtype = rule(a);
                return apply_operator(dtype, a.tensor(a.operand(0), dtype), a.tensor(a.operand(1), dtype), f);
            }};
}

/// The bias that Keras 3 sees in a constant whose dimensions are 1 but for one: it belongs to the last axis of x if that is
/// as long, else to axis 1, wherever the constant has it.
Tensor as_bias(const Tensor& y, const Shape& x) {
    std::vector<std::int64_t> longer;
    std::copy_if(y.shape().begin(), y.shape().end(), std::back_inserter(longer), [](std::int64_t n) { return n > 1; });
    if (longer.size() != 1 || x.rank() < 2 || y.shape().elements() != longer[0]) return y;
    if (x.back() == longer[0]) return y.reshaped(Shape{longer[0]});
    if (x[1] != longer[0]) return y;
    std::vector<std::int64_t> dims(x.rank() - 1, 1);
    dims[0] = longer[0];
    return y.reshaped(Shape(dims));
}

Op sum() {
    Op op = number_operator({"__operators__.add", "math.add", "add"}, {"Add"}, Plus{});
    op.run = [](const Arguments& a) {
        const DType dtype = operator_dtype(a);
        const Tensor x = a.tensor(a.operand(0), dtype), y = a.tensor(a.operand(1), dtype);
        const bool bias = a.keras3() && a.operand(1).kind == Operand::Kind::constant;
        return apply_operator(dtype, x, bias ? as_bias(y, x.shape()) : y, Plus{});
    };
    return op;
}

struct Power {
    template <class T>
    T operator()(T base, T exponent) const {
        if constexpr (std::is_floating_point_v<T>) {
            return std::pow(base, exponent);
        } else {
            if constexpr (std::is_signed_v<T>)
                if (exponent < 0) fail(Code::input, "an integer to a negative power");
            T result = 1;
            for (; exponent > 0; exponent = static_cast<T>(exponent / 2), base = Times{}(base, base))
                if (exponent % 2 == 1) result = Times{}(result, base);
            return result;
        }
    }
};

Op quotient(Names tf, Names keras3) {
    return {std::move(tf), std::move(keras3), "x y", pair_shape, quotient_dtype, [](const Arguments& a) {
                const DType dtype = quotient_dtype(a);
                return apply_operator(dtype, a.tensor(a.operand(0), dtype), a.tensor(a.operand(1), dtype),
                                      []<class T>(T l, T r) { return static_cast<T>(l / r); });
            }};
}

std::optional<Request> sum_of_inputs(const Arguments& a) {
    const std::vector<const Operand*> parts = a.list("x");
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (!is_input(*parts[i], i) || a.shape(*parts[i]) != a.shape(*parts[0])) return {};
    return Combine{Combine::Kind::add};
}

Op sum_of_list() {
    const auto dtype = [](const Arguments& a) { return common_dtype(a, a.list("x")); };
    const auto shapes = [](const Arguments& a) -> Shapes {
        Shape shape = a.shape(*a.list("x").front());
        for (const Operand* part : a.list("x")) {
            if (!a.shape(*part).is_compatible_with(shape))
                fail(Code::shape, "inputs must be of one shape, found ", shape, " and ", a.shape(*part));
            for (std::size_t i = 0; i < shape.rank(); ++i) shape[i] = std::max(shape[i], a.shape(*part)[i]);
        }
        return {shape};
    };
    return {{"math.add_n", "math.accumulate_n"}, {}, "x|inputs ~shape ~tensor_dtype", shapes, dtype,
            [dtype](const Arguments& a) -> Tensors {
                const DType common = dtype(a);
                Tensor y;
                for (const Operand* part : a.list("x")) {
                    const Tensor x = a.tensor(*part, common);
                    if (!y.has_value()) y = x;
                    else with_arithmetic(y.dtype(), [&]<class T>(Type<T>) { binary<T>(y, x, y, Plus{}); });
                }
                return {y};
            },
            sum_of_inputs};
}

OpList operators() {
    using Kind = Combine::Kind;
    return {
        lowered(sum(), combining<Kind::add>),
        lowered(number_operator({"math.subtract", "subtract"}, {"Subtract"}, Minus{}), combining<Kind::subtract>),
        lowered(number_operator({"math.multiply", "multiply"}, {"Multiply"}, Times{}), combining<Kind::multiply>),
        lowered(quotient({"math.truediv", "math.divide", "divide", "truediv", "realdiv"}, {"TrueDivide", "Divide"}),
                combining<Kind::divide>),
        number_operator({"math.floordiv", "floordiv", "compat.v1.floor_div"}, {"FloorDivide"}, FloorDivide{}),
        number_operator({"math.floormod", "math.mod"}, {"Mod"}, FloorMod{}, remainder_dtype),
        number_operator({"truncatediv"}, {}, Quotient{}),
        number_operator({"truncatemod"}, {"Fmod"}, Remainder{}, remainder_dtype),
        number_operator({"math.pow", "pow"}, {"Power"}, Power{}),
        lowered(number_operator({"math.maximum", "maximum"}, {"Maximum"}, Largest{}), combining<Kind::maximum>),
        lowered(number_operator({"math.minimum", "minimum"}, {"Minimum"}, Smallest{}), combining<Kind::minimum>),
        number_operator({}, {"Fmax"}, [](auto l, auto r) { return is_nan(l) || l < r ? r : l; }),
        number_operator({}, {"Fmin"}, [](auto l, auto r) { return is_nan(l) || l > r ? r : l; }),
        number_operator({"math.squared_difference"}, {},
                        [](auto l, auto r) { return Times{}(Minus{}(l, r), Minus{}(l, r)); }),
        sum_of_list(),
    };
}

template <class T>
T hypotenuse(T x, T y) {
    const T most = std::max(std::abs(x), std::abs(y)), least = std::min(std::abs(x), std::abs(y));
    const T ratio = most == 0 ? 0 : least / most;
    return most * std::sqrt(1 + ratio * ratio);
}

template <class T>
T log_of_sum(T x, T y, T base) {  // log_b(b^x + b^y)
    const T difference = x - y;
    return std::isnan(difference) ? x + y : std::max(x, y) + std::log1p(std::exp(-std::abs(difference) * base)) / base;
}

template <class T>
T scaled(T x, T exponent) {  // x · 2^exponent
    return std::isinf(x) || x == 0 ? x : x * std::pow(T{2}, exponent);
}

/// Products and quotients that 0 decides, whatever the other number is.
OpList without_nan() {
    return {
        float_pair({"math.divide_no_nan"}, {"DivideNoNan"}, float_pair_dtype,
                   []<class T>(T x, T y) { return y == 0 ? T{0} : x / y; }),
        float_pair({"math.multiply_no_nan"}, {}, pair_dtype, []<class T>(T x, T y) { return y == 0 ? T{0} : x * y; }),
        float_pair({"math.xdivy"}, {}, pair_dtype, []<class T>(T x, T y) { return x == 0 ? T{0} : x / y; }),
        float_pair({"math.xlogy"}, {}, pair_dtype, []<class T>(T x, T y) { return x == 0 ? T{0} : x * std::log(y); }),
        float_pair({"math.xlog1py"}, {}, pair_dtype,
                   []<class T>(T x, T y) { return x == 0 ? T{0} : x * std::log1p(y); }),
    };
}

OpList pairs_of_floats() {
    return {
        float_pair({"math.atan2"}, {"Arctan2"}, tensors_float_pair_dtype, [](auto y, auto x) { return std::atan2(y, x); },
                   "y x"),
        float_pair({}, {"Hypot"}, wide_float_pair_dtype, [](auto x, auto y) { return hypotenuse(x, y); }),
        float_pair({}, {"Heaviside"}, wide_float_pair_dtype,
                   []<class T>(T x, T y) { return x < 0 ? T{0} : x > 0 ? T{1} : y; }),
        float_pair({}, {"Logaddexp"}, tensors_float_pair_dtype,
                   []<class T>(T x, T y) { return log_of_sum(x, y, T{1}); }),
        float_pair({}, {"Logaddexp2"}, tensors_float_pair_dtype,
                   []<class T>(T x, T y) { return log_of_sum(x, y, std::log(T{2})); }),
        float_pair({}, {"Ldexp"}, tensors_float_pair_dtype, [](auto x, auto y) { return scaled(x, y); }),
        float_pair({"math.nextafter"}, {}, pair_dtype, [](auto x, auto y) { return std::nextafter(x, y); }, "x|x1 y|x2"),
    };
}

}  // namespace

const OpList& arithmetic_ops() {
    static const OpList ops = [] {
        OpList list = operators();
        for (const auto& part : {without_nan(), pairs_of_floats()}) list.insert(list.end(), part.begin(), part.end());
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
