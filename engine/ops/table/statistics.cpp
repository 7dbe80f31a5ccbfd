// Statistics: quantiles, averages, correlations.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {
namespace {

enum class Between { linear, lower, higher, midpoint, nearest };

Between method_of(const Arguments& a) {
    constexpr std::pair<std::string_view, Between> names[] = {{"linear", Between::linear},
                                                              {"lower", Between::lower},
                                                              {"higher", Between::higher},
                                                              {"midpoint", Between::midpoint},
                                                              {"nearest", Between::nearest}};
    if (!a.has("between")) return Between::linear;
    for (const auto& [name, method] : names)
        if (name == a.text("between")) return method;
    fail(Code::unsupported, "argument 'method': found '", a.text("between"), "'");
}

/// The quantile of sorted numbers, without NaN among them.
template <class T>
T quantile_of(const std::vector<T>& sorted, double q, Between method) {
    const double last = static_cast<double>(sorted.size() - 1), exact = last * q;
    const auto at = [&](double index) { return sorted[static_cast<std::size_t>(std::clamp(index, 0.0, last))]; };
    switch (method) {
        case Between::lower: return at(std::floor(exact));
        case Between::higher: return at(std::ceil(exact));
        case Between::nearest: return at(std::nearbyint(exact));
        case Between::midpoint: return static_cast<T>(0.5) * (at(std::floor(exact)) + at(std::ceil(exact)));
        case Between::linear: break;
    }
    const double smaller = std::max(std::clamp(std::ceil(exact), 0.0, last) - 1, 0.0);
    const double larger = std::min(smaller + 1, last);
    const T fraction = static_cast<T>(larger - exact);
    return at(larger) * (1 - fraction) + at(smaller) * fraction;
}

/// One number or several in one row, as fractions of 1.
std::vector<double> fractions(const Arguments& a, double unit) {
    if (!a.has("q")) return {0.5};
    if (a.shape("q").rank() > 1) fail(Code::unsupported, "argument 'q': wanted a number or a row, found ", a.shape("q"));
    const Tensor q = a.made_tensor(a.operand("q"), DType::float64);
    std::vector<double> result(q.values<double>().begin(), q.values<double>().end());
    for (double& value : result)
        if (unit != 1) value = static_cast<float>(value) / static_cast<float>(unit);
    return result;
}

/// A row of fractions has an axis of its own, the first.
Shapes quantile_shape(const Arguments& a) {
    if (!a.has("q") || a.shape("q").rank() == 0) return reduced_shape(a);
    std::vector<std::int64_t> dims = reduced_shape(a).front().dims();
    dims.insert(dims.begin(), a.shape("q").elements());
    return {Shape(std::move(dims))};
}

// A row with NaN has NaN for its quantiles, or is looked at without it.
Tensors quantiles(const Arguments& a, double unit, bool without_nan) {
    const Between method = method_of(a);
    const std::vector<double> q = fractions(a, unit);
    const Tensor x = x_as(a, carried(float_dtype(a)));
    Tensor y = Tensor::uninitialized(x.dtype(), quantile_shape(a).front());
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        auto to = y.mutable_values<T>().begin();
        for (const double fraction : q) {
            const Tensor part = reduced<T>(a, x, [&](const T* first, std::int64_t n) {
                std::vector<T> sorted(first, first + n);
                std::erase_if(sorted, [](T v) { return std::isnan(v); });
                const bool whole = sorted.size() == static_cast<std::size_t>(n);
                if (sorted.empty() || (!whole && !without_nan)) return std::numeric_limits<T>::quiet_NaN();
                std::sort(sorted.begin(), sorted.end());
                return quantile_of(sorted, fraction, method);
            });
            to = std::copy(part.values<T>().begin(), part.values<T>().end(), to);
        }
    });
    return {y};
}

Op quantile(std::string_view class_name, std::string_view signature, double unit, bool without_nan) {
    return {{}, {class_name}, signature, quantile_shape, float_dtype,
            [=](const Arguments& a) { return quantiles(a, unit, without_nan); }};
}

bool is_weighted(const Arguments& a) { return a.given("weights"); }

DType average_dtype(const Arguments& a) {
    return is_weighted(a) ? promoted_to_float(tensors_dtype(a, {"x", "weights"})) : float_dtype(a);
}

/// A row of weights goes along the axis.
Tensor spread_weights(const Arguments& a, DType dtype) {
    const Shape x = a.shape("x");
    const Tensor weights = a.made_tensor(a.operand("weights"), dtype);
    if (weights.shape().rank() == x.rank()) return broadcast_to(weights, x);
    if (weights.shape().rank() != 1 || !a.given("axis") || a.constant("axis").integer() == nullptr)
        fail(Code::unsupported, "weights of shape ", weights.shape(), " for shape ", x);
    std::vector<std::int64_t> dims(x.rank(), 1);
    dims[axis_of(a, x.rank())] = weights.shape()[0];
    return broadcast_to(weights.reshaped(Shape(std::move(dims))), x);
}

Tensors average(const Arguments& a) {
    const DType dtype = carried(average_dtype(a));
    const Tensor x = x_as(a, dtype);
    return with_float(dtype, [&]<class T>(Type<T>) -> Tensors {
        if (!is_weighted(a)) return {reduced<T>(a, x, Mean{})};
        const Tensor weights = spread_weights(a, dtype);
        const Tensor products = mapped<T>(x, weights, x.shape(), Times{});
        const Tensor sums = reduced<T>(a, products, Sum{}), totals = reduced<T>(a, weights, Sum{});
        return {mapped<T>(sums, totals, sums.shape(), [](T l, T r) { return l / r; })};
    });
}

DType corrcoef_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (dtype == DType::int64) fail(Code::unsupported, "correlations of int64");
    return float_dtype(a);
}

Shapes corrcoef_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() != 2) fail(Code::unsupported, "correlations of shape ", x);
    return {Shape{x[0], x[0]}};
}

// Of the rows with each other, between -1 and 1.
Tensors corrcoef(const Arguments& a) {
    const Tensor x = x_as(a, carried(corrcoef_dtype(a)));
    return with_float(x.dtype(), [&]<class T>(Type<T>) -> Tensors {
        const std::int64_t rows = x.shape()[0], n = x.shape()[1];
        std::vector<double> centered(x.elements());
        for (std::int64_t i = 0; i < rows; ++i) {
            const T* row = x.values<T>().data() + i * n;
            const double mean = total(row, n) / static_cast<double>(n);
            for (std::int64_t k = 0; k < n; ++k) centered[static_cast<std::size_t>(i * n + k)] = row[k] - mean;
        }
        const auto product = [&](std::int64_t i, std::int64_t j) {
            return std::inner_product(centered.begin() + i * n, centered.begin() + (i + 1) * n, centered.begin() + j * n, 0.0);
        };
        Tensor y = Tensor::uninitialized(x.dtype(), Shape{rows, rows});
        auto to = y.mutable_values<T>().begin();
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < rows; ++j)
                *to++ = static_cast<T>(std::clamp(product(i, j) / std::sqrt(product(i, i) * product(j, j)), -1.0, 1.0));
        return {y};
    });
}

DType correlate_dtype(const Arguments& a) {
    const DType dtype = tensors_pair_dtype(a);
    return is_floating(dtype) ? dtype : dtype == DType::int64 ? DType::float64 : DType::float32;
}

/// Where the sums of products begin, counted from the first where both meet, and how many there are.
struct Overlap {
    std::int64_t first, count;
};

// Where Keras 3.12 and 3.15 answer otherwise, which depends on the sizes, there is no answer here.
Overlap overlap(const Arguments& a) {
    const Shape x = a.shape("x"), y = a.shape("y");
    if (x.rank() != 1 || y.rank() != 1 || !x.is_known() || !y.is_known())
        fail(Code::unsupported, "correlation of shapes ", x, " and ", y);
    const std::int64_t n = x[0], m = y[0];
    const std::string& mode = a.text("mode");
    if (mode != "valid" && mode != "same" && mode != "full")
        fail(Code::config, "argument 'mode': wanted 'valid', 'same' or 'full', found '", mode, "'");
    const bool differs = (mode == "valid" && n == m) || (mode == "same" && m % 2 == 0) ||
                         (mode == "full" && n % 2 == 1 && m % 2 == 0);
    if (n < m || m == 0 || differs) fail(Code::unsupported, "correlation of shapes ", x, " and ", y, " with mode '", mode, "'");
    if (mode == "valid") return {0, n - m + 1};
    if (mode == "full") return {1 - m, n + m - 1};
    return {-(m / 2), n};
}

Tensors correlate(const Arguments& a) {
    const DType dtype = correlate_dtype(a);
    const Overlap plan = overlap(a);
    const Tensor x = a.made_tensor(a.operand("x"), dtype).cast(DType::float64);
    const Tensor y = a.made_tensor(a.operand("y"), dtype).cast(DType::float64);
    const auto left = x.values<double>(), right = y.values<double>();
    std::vector<double> sums;
    for (std::int64_t i = 0; i < plan.count; ++i) {
        double sum = 0;
        for (std::int64_t k = 0; k < y.shape()[0]; ++k) {
            const std::int64_t at = plan.first + i + k;
            if (at >= 0 && at < x.shape()[0]) sum += left[static_cast<std::size_t>(at)] * right[static_cast<std::size_t>(k)];
        }
        sums.push_back(sum);
    }
    return {Tensor::from(Shape{plan.count}, sums).cast(dtype).cast(carried(dtype))};
}

}  // namespace

const OpList& statistics_ops() {
    static const auto correlate_shape = [](const Arguments& a) -> Shapes { return {Shape{overlap(a).count}}; };
    static const OpList ops = {
        quantile("Median", "x axis=null keepdims=false", 1, false),
        quantile("Quantile", "x q axis=null ~method keepdims=false", 1, false),  // Keras records the method and forgets it
        quantile("Percentile", "x q axis=null between|method=linear keepdims=false", 100, false),
        quantile("Nanmedian", "x axis=null keepdims=false", 1, true),
        quantile("Nanquantile", "x q axis=null between|method=linear keepdims=false", 1, true),
        quantile("Nanpercentile", "x q axis=null between|method=linear keepdims=false", 100, true),
        {{}, {"Average"}, "x weights=null axis=null", reduced_shape, average_dtype, average},
        {{}, {"Corrcoef"}, "x", corrcoef_shape, corrcoef_dtype, corrcoef},
        {{}, {"Correlate"}, "x y mode=valid", correlate_shape, correlate_dtype, correlate},
    };
    return ops;
}

}  // namespace layerctl::ops
