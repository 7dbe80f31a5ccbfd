// Reductions: one number from all elements along some axes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;
using AxisSet = std::vector<std::size_t>;

constexpr std::string_view reduction_signature = "x|input_tensor axis|reduction_indices=null keepdims|keep_dims=false";

AxisSet reduced_axes(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    if (a.given("axis")) return AxisList{a.integers("axis"), true}.resolve(rank);
    AxisSet all(rank);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

Shapes reduced_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    const AxisSet axes = reduced_axes(a);
    std::vector<std::int64_t> dims;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        const bool gone = std::count(axes.begin(), axes.end(), axis) > 0;
        if (!gone) dims.push_back(shape[axis]);
        else if (a.flag("keepdims")) dims.push_back(1);
    }
    return {Shape(std::move(dims))};
}

/// `f(first, n)` of every row along the reduced axes.
template <class T, class F>
Tensor reduced(const Arguments& a, const Tensor& x, F f) {
    using R = decltype(f(static_cast<const T*>(nullptr), std::int64_t{}));
    const AxisSet axes = reduced_axes(a);
    const std::size_t rank = x.shape().rank();
    const Tensor rows = transpose(x, to_back(axes, rank));
    const std::int64_t n = rows.shape().elements(rank - axes.size(), rank);
    Tensor y = Tensor::uninitialized(dtype_of<R>, reduced_shape(a).front());
    const T* from = rows.values<T>().data();
    for (R& value : y.mutable_values<R>()) {
        value = f(from, n);
        from += n;
    }
    return y;
}

// Sums of floats in float64, of integers modulo 2^64.
template <class T>
using Total = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;

template <class T>
Total<T> total(const T* first, std::int64_t n) {
    Total<T> sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<Total<T>>(first[i]);
    return sum;
}

struct Sum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(total(first, n));
    }
};

struct Mean {  // integers truncate
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        if constexpr (std::is_floating_point_v<T>) return static_cast<T>(total(first, n) / static_cast<double>(n));
        else {
            if (n == 0) fail(Code::input, "the mean of no integers");
            if constexpr (std::is_signed_v<T>)
                return static_cast<T>(static_cast<T>(total(first, n)) / static_cast<T>(n));
            else return static_cast<T>(static_cast<T>(total(first, n)) / static_cast<T>(n));
        }
    }
};

struct Product {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        Total<T> product = 1;
        for (std::int64_t i = 0; i < n; ++i) product *= static_cast<Total<T>>(first[i]);
        return static_cast<T>(product);
    }
};

template <class T>
bool is_nan(T value) {
    if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
    else return false;
}

template <class T>
T lowest() {
    return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
T highest() {
    return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

struct Maximum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        T best = lowest<T>();
        for (std::int64_t i = 0; i < n && !is_nan(best); ++i)
            if (first[i] > best || is_nan(first[i])) best = first[i];
        return best;
    }
};

struct Minimum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        T best = highest<T>();
        for (std::int64_t i = 0; i < n && !is_nan(best); ++i)
            if (first[i] < best || is_nan(first[i])) best = first[i];
        return best;
    }
};

struct PeakToPeak {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(Maximum{}(first, n) - Minimum{}(first, n));
    }
};

double variance(const auto* first, std::int64_t n) {
    const double mean = static_cast<double>(total(first, n)) / static_cast<double>(n);
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) squares += (first[i] - mean) * (first[i] - mean);
    return squares / static_cast<double>(n);
}

struct Variance {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(variance(first, n));
    }
};

struct Deviation {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(std::sqrt(variance(first, n)));
    }
};

struct LogSumExp {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        const double top = Maximum{}(first, n);
        if (!std::isfinite(top)) return static_cast<T>(top);
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i) sum += std::exp(first[i] - top);
        return static_cast<T>(top + std::log(sum));
    }
};

using DTypeRule = DType (*)(const Arguments&);

// Keras 3 adds and multiplies small integers as int32 or uint32.
DType total_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (!a.keras3()) return number_dtype(a);
    if (dtype == DType::boolean || dtype == DType::int8 || dtype == DType::int16) return DType::int32;
    if (dtype == DType::uint8 || dtype == DType::uint16) return DType::uint32;
    return number_dtype(a);
}

DType mean_dtype(const Arguments& a) { return a.keras3() ? float_dtype(a) : number_dtype(a); }

template <class F>
Op reduction(Names tf, Names keras3, std::string_view signature, DTypeRule dtype, F f) {
    return {
        std::move(tf), std::move(keras3), signature, reduced_shape, dtype, [dtype, f](const Arguments& a) -> Tensors {
            const Tensor x = x_as(a, dtype(a));
            Tensor y;
            with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                y = reduced<T>(a, x, [&](const T* first, std::int64_t n) { return f(first, n); });
            });
            return {y};
        }};
}

template <class F>
Op float_reduction(Names tf, Names keras3, std::string_view signature, F f) {
    return {
        std::move(tf), std::move(keras3), signature, reduced_shape, float_dtype, [f](const Arguments& a) -> Tensors {
            const Tensor x = x_as(a, carried(float_dtype(a)));
            return with_float(x.dtype(), [&]<class T>(Type<T>) {
                return Tensors{reduced<T>(a, x, [&](const T* first, std::int64_t n) { return f(first, n); })};
            });
        }};
}

Op quantifier(Names tf, Names keras3, bool any) {
    const auto dtype = [](const Arguments& a) {
        if (!a.keras3() && a.dtype("x") != DType::boolean)
            fail(Code::unsupported, "wanted booleans, found ", a.dtype("x"));
        return DType::boolean;
    };
    return {std::move(tf),
            std::move(keras3),
            reduction_signature,
            reduced_shape,
            dtype,
            [any](const Arguments& a) -> Tensors {
                return {reduced<bool>(a, x_as(a, DType::boolean), [any](const bool* first, std::int64_t n) {
                    return (std::find(first, first + n, any) != first + n) == any;
                })};
            }};
}

constexpr std::string_view tf_arg_signature = "x|input axis|dimension=0 output_type=int64 !keepdims=false";
constexpr std::string_view keras3_arg_signature = "x axis=null keepdims=false";

DType position_dtype(const Arguments& a) {
    number_dtype(a);
    return a.keras3() ? DType::int32 : a.dtype_named("output_type");
}

// The first of equal elements, and the first NaN before any number.
template <class T>
std::int64_t first_best(const T* first, std::int64_t n, bool largest) {
    if (n == 0) fail(Code::input, "the position of the extremum of nothing");
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < n && !is_nan(first[best]); ++i)
        if (is_nan(first[i]) || (largest ? first[i] > first[best] : first[i] < first[best])) best = i;
    return best;
}

Op position(Names tf, Names keras3, std::string_view signature, bool largest) {
    return {std::move(tf),
            std::move(keras3),
            signature,
            reduced_shape,
            position_dtype,
            [largest](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, a.dtype("x"));
                Tensor y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                    y = reduced<T>(a, x, [&](const T* first, std::int64_t n) { return first_best(first, n, largest); });
                });
                return {y.cast(position_dtype(a))};
            }};
}

}  // namespace

const OpList& reduction_ops() {
    static constexpr std::string_view with_initial = "x axis=null keepdims=false !initial=null";
    static constexpr std::string_view with_dtype = "x axis=null keepdims=false !dtype=null";
    static const OpList ops = {
        reduction({"math.reduce_sum", "reduce_sum"}, {"Sum"}, reduction_signature, total_dtype, Sum{}),
        reduction({"math.reduce_prod", "reduce_prod"}, {}, reduction_signature, total_dtype, Product{}),
        reduction({}, {"Prod"}, with_dtype, total_dtype, Product{}),
        reduction({"math.reduce_max", "reduce_max"}, {"Amax"}, reduction_signature, number_dtype, Maximum{}),
        reduction({"math.reduce_min", "reduce_min"}, {"Amin"}, reduction_signature, number_dtype, Minimum{}),
        reduction({}, {"Max"}, with_initial, number_dtype, Maximum{}),
        reduction({}, {"Min"}, with_initial, number_dtype, Minimum{}),
        reduction({}, {"Ptp"}, reduction_signature, number_dtype, PeakToPeak{}),
        reduction({"math.reduce_mean", "reduce_mean"}, {}, reduction_signature, mean_dtype, Mean{}),
        float_reduction({}, {"Mean"}, reduction_signature, Mean{}),
        float_reduction({"math.reduce_variance"}, {"Var"}, reduction_signature, Variance{}),
        float_reduction({"math.reduce_std"}, {"Std"}, reduction_signature, Deviation{}),
        float_reduction({"math.reduce_logsumexp", "reduce_logsumexp"}, {"Logsumexp"}, reduction_signature, LogSumExp{}),
        quantifier({"math.reduce_any", "reduce_any"}, {"Any"}, true),
        quantifier({"math.reduce_all", "reduce_all"}, {"All"}, false),
        position({"math.argmax", "argmax"}, {}, tf_arg_signature, true),
        position({"math.argmin", "argmin"}, {}, tf_arg_signature, false),
        position({}, {"Argmax"}, keras3_arg_signature, true),
        position({}, {"Argmin"}, keras3_arg_signature, false),
    };
    return ops;
}

}  // namespace layerctl::ops
