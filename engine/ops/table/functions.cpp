// Elementwise functions of one number.
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/ops/special_functions.hpp"
#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

/// A function of numbers that keeps their dtype.
template <class F>
Op number_function(Names tf, Names keras3, F f, DTypeOf rule = number_dtype) {
    return {std::move(tf), std::move(keras3), "x|input", same_shape, rule, [f, rule](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, rule(a));
                Tensors y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                    y = {mapped<T>(x, [&](T v) { return static_cast<T>(f(v)); })};
                });
                return y;
            }};
}

/// A function of floats that leaves other numbers as they are.
template <class F>
Op float_only_function(Names tf, Names keras3, F f) {
    return {std::move(tf), std::move(keras3), "x|input", same_shape, same_dtype, [f](const Arguments& a) -> Tensors {
                const Tensor x = x_itself(a);
                if (!is_floating(x.dtype())) return {x};
                return with_float(x.dtype(), [&]<class T>(Type<T>) { return Tensors{mapped<T>(x, f)}; });
            }};
}

/// Keras 3 of any dtype, booleans and unsigned numbers as they are.
DType absolute_dtype(const Arguments& a) { return a.keras3() ? same_dtype(a) : number_dtype(a); }

template <class T>
T absolute(T value) {
    if constexpr (std::is_floating_point_v<T>) return std::abs(value);
    else if constexpr (std::is_unsigned_v<T>) return value;
    else return value < 0 ? Minus{}(T{0}, value) : value;
}

Op absolute_op() {
    Op op = number_function({"math.abs", "abs"}, {"Absolute", "Abs"}, [](auto x) { return absolute(x); });
    op.dtype = absolute_dtype;
    op.run = [numbers = op.run](const Arguments& a) -> Tensors {
        return a.dtype("x") == DType::boolean ? Tensors{x_itself(a)} : numbers(a);
    };
    return op;
}

template <class T>
T sign(T value) {
    if constexpr (std::is_unsigned_v<T>) return static_cast<T>(value > 0);
    else return is_nan(value) ? value : static_cast<T>((value > 0) - (value < 0));
}

template <class T>
T rounded(T value) {  // half to even
    if constexpr (std::is_floating_point_v<T>) return std::nearbyint(value);
    else return value;
}

// To decimals, through the factor 10^decimals in the dtype itself, as Keras does; integers through float32.
Tensors round_run(const Arguments& a) {
    const Tensor x = x_itself(a);
    const std::int64_t decimals = a.integer("decimals");
    if (!is_floating(a.dtype("x")) && decimals >= 0) return {x};
    const DType dtype = is_floating(x.dtype()) ? x.dtype() : DType::float32;
    const double factor = std::pow(10.0, static_cast<double>(decimals));
    return with_float(dtype, [&]<class T>(Type<T>) -> Tensors {
        const T by = static_cast<T>(factor);
        const Tensor y = mapped<T>(x.cast(dtype), [&](T v) { return decimals == 0 ? rounded(v) : rounded(v * by) / by; });
        return {y.cast(x.dtype())};
    });
}

/// The largest finite number of float32 or float64.
double largest(DType dtype) {
    return dtype == DType::float32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
}

/// Without limits given, the largest number of a half; a run carries halves as float32.
DType nan_to_num_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (carried(dtype) != dtype && !(a.given("posinf") && a.given("neginf")))
        fail(Code::unsupported, "the largest number of ", dtype, " for infinities");
    return dtype;
}

Tensors nan_to_num(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (!is_floating(dtype)) return {x_itself(a)};
    const double nan = a.number("nan");
    const double top = a.given("posinf") ? a.number("posinf") : largest(dtype);
    const double bottom = a.given("neginf") ? a.number("neginf") : -largest(dtype);
    return with_float(carried(dtype), [&]<class T>(Type<T>) {
        return Tensors{mapped<T>(x_itself(a), [&](T v) {
            return std::isnan(v) ? static_cast<T>(nan) : !std::isinf(v) ? v : static_cast<T>(v > 0 ? top : bottom);
        })};
    });
}

template <class T>
T cube_root(T x) {  // as Keras has it: a power of the magnitude
    return std::copysign(std::pow(std::abs(x), static_cast<T>(1.0 / 3.0)), x);
}

OpList powers_and_logarithms() {
    return {
        float_function({"math.sqrt", "sqrt"}, {"Sqrt"}, [](auto x) { return std::sqrt(x); }),
        float_function({"math.rsqrt"}, {"Rsqrt"}, [](auto x) { return 1 / std::sqrt(x); }, only_float_dtype),
        float_function({"math.reciprocal"}, {"Reciprocal"}, [](auto x) { return 1 / x; }, only_float_dtype),
        float_function({"math.reciprocal_no_nan"}, {}, [](auto x) { return x == 0 ? 0 : 1 / x; }),
        lowered(float_function({"math.exp", "exp"}, {"Exp"}, [](auto x) { return std::exp(x); }),
                [](const Arguments& a) { return activated(a, {.id = Activation::Id::exponential}); }),
        float_function({}, {"Exp2"}, [](auto x) { return std::exp2(x); }),
        float_function({"math.expm1"}, {"Expm1"}, [](auto x) { return std::expm1(x); }),
        float_function({"math.log"}, {"Log"}, [](auto x) { return std::log(x); }),
        float_function({"math.log1p"}, {"Log1p"}, [](auto x) { return std::log1p(x); }),
        float_function({}, {"Log2"}, [](auto x) { return std::log2(x); }),
        float_function({}, {"Log10"}, [](auto x) { return std::log10(x); }),
        float_function({}, {"Cbrt"}, [](auto x) { return cube_root(x); }, wide_float_dtype),
    };
}

OpList trigonometry() {
    return {
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
        float_function({}, {"Deg2rad"}, []<class T>(T x) { return x * (std::numbers::pi_v<T> / 180); }, wide_float_dtype),
        float_function({}, {"Rad2deg"}, []<class T>(T x) { return x * (180 / std::numbers::pi_v<T>); }, wide_float_dtype),
        float_function({}, {"Sinc"},
                       []<class T>(T x) {
                           const T angle = x * std::numbers::pi_v<T>;
                           return x == 0 ? T{1} : std::sin(angle) / angle;
                       }),
    };
}

OpList special_functions() {
    const auto through_double = [](Names tf, Names keras3, double (*f)(double)) {
        return float_function(std::move(tf), std::move(keras3),
                              [f]<class T>(T x) { return static_cast<T>(f(static_cast<double>(x))); },
                              only_float_dtype);
    };
    Op i0 = through_double({"math.bessel_i0"}, {}, [](double x) { return bessel_i(0, x); });
    Op keras_i0 = float_function({}, {"I0"}, []<class T>(T x) { return static_cast<T>(bessel_i(0, x)); }, wide_float_dtype);
    return {
        float_function({"math.erf"}, {"Erf"}, [](auto x) { return std::erf(x); }, only_float_dtype),
        float_function({"math.erfc"}, {"Erfc"}, [](auto x) { return std::erfc(x); }, only_float_dtype),
        through_double({"math.erfinv"}, {"Erfinv"}, erf_inverse),
        through_double({"math.erfcinv"}, {}, [](double x) { return erf_inverse(1 - x); }),
        through_double({"math.ndtri"}, {}, normal_quantile),
        through_double({"math.lgamma"}, {}, [](double x) { return std::lgamma(x); }),
        through_double({"math.digamma"}, {}, digamma),
        std::move(i0),
        std::move(keras_i0),
        through_double({"math.bessel_i1"}, {}, [](double x) { return bessel_i(1, x); }),
        through_double({"math.bessel_i0e"}, {}, [](double x) { return bessel_i(0, x) * std::exp(-std::abs(x)); }),
        through_double({"math.bessel_i1e"}, {}, [](double x) { return bessel_i(1, x) * std::exp(-std::abs(x)); }),
    };
}

OpList signs_and_rounding() {
    return {
        absolute_op(),
        float_function({}, {"Fabs"}, [](auto x) { return std::abs(x); }),
        number_function({"math.negative", "negative"}, {"Negative"}, [](auto x) { return Minus{}(decltype(x){0}, x); }),
        number_function({"math.square", "square"}, {"Square"}, [](auto x) { return Times{}(x, x); }, counting_dtype),
        number_function({"math.sign", "sign"}, {"Sign"}, [](auto x) { return sign(x); }),
        float_function({"math.floor", "floor"}, {"Floor"}, [](auto x) { return std::floor(x); }),
        float_function({"math.ceil"}, {"Ceil"}, [](auto x) { return std::ceil(x); }),
        float_only_function({}, {"Trunc"}, [](auto x) { return std::trunc(x); }),
        float_only_function({"math.rint"}, {}, [](auto x) { return std::nearbyint(x); }),
        number_function({"math.round", "round"}, {}, [](auto x) { return rounded(x); }),
        {{}, {"Round"}, "x decimals=0", same_shape, number_dtype, round_run},
        {{}, {"NanToNum"}, "x nan=0.0 posinf=null neginf=null", same_shape, nan_to_num_dtype, nan_to_num},
    };
}

// Of numbers that are not complex; those have no dtype here.
OpList parts_of_complex_numbers() {
    const auto zeros = [](const Arguments& a) -> Tensors { return {Tensor(carried(a.dtype("x")), a.shape("x"))}; };
    const auto itself = [](const Arguments& a) -> Tensors { return {x_itself(a)}; };
    return {
        {{"math.real"}, {"Real"}, "x|input", same_shape, same_dtype, itself},
        {{"math.conj"}, {"Conj", "Conjugate"}, "x", same_shape, same_dtype, itself},
        {{"math.imag"}, {"Imag"}, "x|input", same_shape, same_dtype, zeros},
        float_function({"math.angle"}, {"Angle"}, []<class T>(T x) { return x < 0 ? std::numbers::pi_v<T> : T{0}; }),
    };
}

}  // namespace

const OpList& function_ops() {
    static const OpList ops = [] {
        OpList list = signs_and_rounding();
        for (const auto& part : {powers_and_logarithms(), trigonometry(), special_functions(), parts_of_complex_numbers()})
            list.insert(list.end(), part.begin(), part.end());
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
