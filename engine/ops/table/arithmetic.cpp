// Elementwise arithmetic: functions of one number and operators between two.
#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

/// A function of floats.
template <class F>
Op float_function(Names tf, Names keras3, F f) {
    return {std::move(tf), std::move(keras3), "x", same_shape, float_dtype, [f](const Arguments& a) -> Tensors {
                const DType dtype = carried(float_dtype(a));
                return with_float(dtype, [&]<class T>(Type<T>) { return Tensors{mapped<T>(x_as(a, dtype), f)}; });
            }};
}

/// A function of numbers that keeps their dtype.
template <class F>
Op number_function(Names tf, Names keras3, F f) {
    return {std::move(tf), std::move(keras3), "x", same_shape, number_dtype, [f](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, a.dtype("x"));
                Tensors y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                    y = {mapped<T>(x, [&](T v) { return static_cast<T>(f(v)); })};
                });
                return y;
            }};
}

DType operator_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"x", "y"});
    if (dtype == DType::boolean) fail(Code::unsupported, "arithmetic on ", dtype);
    return dtype;
}

DType quotient_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"x", "y"});
    if (is_floating(dtype)) return dtype;
    if (a.keras3() || dtype == DType::int8 || dtype == DType::int16 || dtype == DType::uint8 || dtype == DType::uint16)
        return DType::float32;
    return DType::float64;
}

Shapes operator_shape(const Arguments& a) { return {broadcast_shape(a.shape("x"), a.shape("y"))}; }

template <class F>
Tensors apply_operator(const Arguments& a, DType dtype, F f) {
    const Tensor x = a.tensor(a.operand("x"), dtype), y = a.tensor(a.operand("y"), dtype);
    Tensor out = Tensor::uninitialized(carried(dtype), broadcast_shape(x.shape(), y.shape()));
    with_arithmetic(out.dtype(),
                    [&]<class T>(Type<T>) { binary<T>(x, y, out, [&](T l, T r) { return static_cast<T>(f(l, r)); }); });
    return {out};
}

template <class F>
Op number_operator(Names tf, Names keras3, F f) {
    return {std::move(tf),  std::move(keras3),
            "x y",          operator_shape,
            operator_dtype, [f](const Arguments& a) { return apply_operator(a, operator_dtype(a), f); }};
}

Op quotient(Names tf, Names keras3) {
    return {std::move(tf), std::move(keras3), "x y", operator_shape, quotient_dtype, [](const Arguments& a) {
                const DType dtype = quotient_dtype(a);
                return apply_operator(a, dtype, []<class T>(T l, T r) { return static_cast<T>(l / r); });
            }};
}

// Two's complement arithmetic for integers, as in TensorFlow.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, T, std::uint64_t>;

struct Plus {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) + static_cast<Wide<T>>(r));
    }
};
struct Minus {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) - static_cast<Wide<T>>(r));
    }
};
struct Times {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) * static_cast<Wide<T>>(r));
    }
};

template <class T>
void require_divisor(T divisor) {
    if constexpr (std::is_integral_v<T>)
        if (divisor == 0) fail(Code::input, "an integer is divided by zero");
}

// Python's %: the sign of the divisor.
struct FloorMod {
    template <class T>
    T operator()(T l, T r) const {
        require_divisor(r);
        if constexpr (std::is_floating_point_v<T>) {
            const T rest = std::fmod(l, r);
            return rest != 0 && (rest < 0) != (r < 0) ? rest + r : rest;
        } else if constexpr (std::is_signed_v<T>) {
            if (r == -1) return 0;
            const T rest = static_cast<T>(l % r);
            return static_cast<T>(rest != 0 && (rest < 0) != (r < 0) ? rest + r : rest);
        } else {
            return static_cast<T>(l % r);
        }
    }
};

struct FloorDivide {
    template <class T>
    T operator()(T l, T r) const {
        require_divisor(r);
        if constexpr (std::is_floating_point_v<T>) {
            return std::floor(l / r);
        } else if constexpr (std::is_signed_v<T>) {
            if (r == -1) return Minus{}(T{0}, l);
            const T quotient = static_cast<T>(l / r);
            return static_cast<T>(quotient * r != l && (l < 0) != (r < 0) ? quotient - 1 : quotient);
        } else {
            return static_cast<T>(l / r);
        }
    }
};

struct Pow {
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

template <class T>
T rounded(T value) {  // half to even
    if constexpr (std::is_floating_point_v<T>) return std::nearbyint(value);
    else return value;
}

template <class T>
bool is_nan(T value) {
    if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
    else return false;
}

struct Largest {  // NaN wins
    template <class T>
    T operator()(T l, T r) const {
        return is_nan(l) || l > r ? l : r;
    }
};
struct Smallest {
    template <class T>
    T operator()(T l, T r) const {
        return is_nan(l) || l < r ? l : r;
    }
};

template <class T>
T sign(T value) {
    if (is_nan(value)) return value;
    if constexpr (std::is_unsigned_v<T>) return static_cast<T>(value > 0);
    else return static_cast<T>((value > 0) - (value < 0));
}

template <class T>
T absolute(T value) {
    if constexpr (std::is_floating_point_v<T>) return std::abs(value);
    else if constexpr (std::is_unsigned_v<T>) return value;
    else return value < 0 ? Minus{}(T{0}, value) : value;
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
    return {{"math.add_n"}, {}, "x|inputs", shapes, dtype, [dtype](const Arguments& a) -> Tensors {
                const DType common = dtype(a);
                Tensor y;
                for (const Operand* part : a.list("x")) {
                    const Tensor x = a.tensor(*part, common);
                    if (!y.has_value()) y = x;
                    else with_arithmetic(y.dtype(), [&]<class T>(Type<T>) { binary<T>(y, x, y, Plus{}); });
                }
                return {y};
            }};
}

Op round_op() {
    Op op = number_function({}, {"Round"}, [](auto x) { return rounded(x); });
    op.signature = "x !decimals=0";
    return op;
}

OpList functions() {
    return {
        number_function({"math.negative", "negative"}, {"Negative"}, [](auto x) { return Minus{}(decltype(x){0}, x); }),
        number_function({"math.abs", "abs"}, {"Absolute", "Abs"}, [](auto x) { return absolute(x); }),
        number_function({"math.square", "square"}, {"Square"}, [](auto x) { return Times{}(x, x); }),
        number_function({"math.sign", "sign"}, {"Sign"}, [](auto x) { return sign(x); }),
        float_function({"math.floor", "floor"}, {"Floor"}, [](auto x) { return std::floor(x); }),
        float_function({"math.ceil"}, {"Ceil"}, [](auto x) { return std::ceil(x); }),
        number_function({"math.round", "round"}, {}, [](auto x) { return rounded(x); }),
        round_op(),
        float_function({"math.sqrt", "sqrt"}, {"Sqrt"}, [](auto x) { return std::sqrt(x); }),
        float_function({"math.rsqrt"}, {"Rsqrt"}, [](auto x) { return 1 / std::sqrt(x); }),
        float_function({"math.reciprocal"}, {"Reciprocal"}, [](auto x) { return 1 / x; }),
        float_function({"math.exp", "exp"}, {"Exp"}, [](auto x) { return std::exp(x); }),
        float_function({"math.expm1"}, {"Expm1"}, [](auto x) { return std::expm1(x); }),
        float_function({"math.log"}, {"Log"}, [](auto x) { return std::log(x); }),
        float_function({"math.log1p"}, {"Log1p"}, [](auto x) { return std::log1p(x); }),
        float_function({}, {"Log2"}, [](auto x) { return std::log2(x); }),
        float_function({}, {"Log10"}, [](auto x) { return std::log10(x); }),
        float_function({"math.sin", "sin"}, {"Sin"}, [](auto x) { return std::sin(x); }),
        float_function({"math.cos", "cos"}, {"Cos"}, [](auto x) { return std::cos(x); }),
        float_function({"math.tan", "tan"}, {"Tan"}, [](auto x) { return std::tan(x); }),
        float_function({"math.asin", "asin"}, {"Arcsin"}, [](auto x) { return std::asin(x); }),
        float_function({"math.acos", "acos"}, {"Arccos"}, [](auto x) { return std::acos(x); }),
        float_function({"math.atan", "atan"}, {"Arctan"}, [](auto x) { return std::atan(x); }),
        float_function({"math.sinh", "sinh"}, {"Sinh"}, [](auto x) { return std::sinh(x); }),
        float_function({"math.cosh", "cosh"}, {"Cosh"}, [](auto x) { return std::cosh(x); }),
        float_function({"math.asinh", "asinh"}, {"Arcsinh"}, [](auto x) { return std::asinh(x); }),
        float_function({"math.acosh", "acosh"}, {"Arccosh"}, [](auto x) { return std::acosh(x); }),
        float_function({"math.atanh", "atanh"}, {"Arctanh"}, [](auto x) { return std::atanh(x); }),
        float_function({"math.erf"}, {"Erf"}, [](auto x) { return std::erf(x); }),
    };
}

OpList operators() {
    return {
        number_operator({"__operators__.add", "math.add", "add"}, {"Add"}, Plus{}),
        number_operator({"math.subtract", "subtract"}, {"Subtract"}, Minus{}),
        number_operator({"math.multiply", "multiply"}, {"Multiply"}, Times{}),
        quotient({"math.truediv", "math.divide", "divide", "truediv"}, {"TrueDivide", "Divide"}),
        number_operator({"math.floordiv", "floordiv", "compat.v1.floor_div"}, {"FloorDivide"}, FloorDivide{}),
        number_operator({"math.floormod", "math.mod"}, {"Mod"}, FloorMod{}),
        number_operator({"math.pow", "pow"}, {"Power"}, Pow{}),
        number_operator({"math.maximum", "maximum"}, {"Maximum"}, Largest{}),
        number_operator({"math.minimum", "minimum"}, {"Minimum"}, Smallest{}),
        number_operator({"math.squared_difference"}, {},
                        [](auto l, auto r) { return Times{}(Minus{}(l, r), Minus{}(l, r)); }),
        sum_of_list(),
    };
}

}  // namespace

const OpList& arithmetic_ops() {
    static const OpList ops = [] {
        OpList list = functions();
        for (Op& op : operators()) list.push_back(std::move(op));
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
