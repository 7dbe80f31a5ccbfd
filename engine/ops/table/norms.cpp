// Norms of vectors and matrices, and what singular values decide.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/ops/linalg.hpp"
#include "engine/ops/table/contraction.hpp"
#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {
namespace {

enum class Kind { frobenius, nuclear, power };

/// Which norm: by name, or the power of a vector norm. Over one axis (or all, in TensorFlow) it is that of a vector.
struct Norm {
    Kind kind = Kind::frobenius;
    double order = 2;
    bool matrix = false;
};

bool is_default(const Value& order) { return order.is_null() || order == Value("euclidean") || order == Value("fro"); }

/// Keras 3 takes all axes, one or two; TensorFlow takes two axes in a list as those of matrices.
Norm norm_of(const Arguments& a) {
    const Value& order = a.constant("ord");
    const bool listed = a.given("axis") && a.constant("axis").array() != nullptr;
    const std::size_t count = axes_or_all(a).size();
    Norm norm;
    norm.matrix = a.keras3() ? count == 2 : listed && count == 2;
    if (a.keras3() && count != 1 && count != 2) fail(Code::unsupported, "a norm over ", count, " axes");
    if (!a.keras3() && listed && count > 2) fail(Code::unsupported, "a norm over ", count, " axes");
    if (is_default(order)) {
        if (a.keras3() && order.string() != nullptr && (*order.string() != "fro" || !norm.matrix))
            fail(Code::unsupported, "argument 'ord': ", excerpt(order), " over ", count, " axes");
        return norm;
    }
    if (order == Value("nuc") && norm.matrix && a.keras3()) norm.kind = Kind::nuclear;
    else {
        norm.kind = Kind::power;
        norm.order = a.number("ord");
    }
    const double p = norm.order;
    const bool of_matrix = std::isinf(p) || std::abs(p) == 1 || std::abs(p) == 2;
    if (norm.matrix && norm.kind == Kind::power && !(of_matrix && (a.keras3() || p > 0)))
        fail(Code::unsupported, "argument 'ord': ", excerpt(order), " of matrices");
    if (!norm.matrix && !a.keras3() && p <= 0) fail(Code::unsupported, "argument 'ord': ", excerpt(order));
    return norm;
}

double vector_norm(const auto* first, std::int64_t n, double order) {
    double result = order == -std::numeric_limits<double>::infinity() ? -order : 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const double size = std::abs(static_cast<double>(first[i]));
        if (std::isinf(order)) result = order > 0 ? std::max(result, size) : std::min(result, size);
        else if (order == 0) result += first[i] != 0 ? 1 : 0;
        else result += order == 2 ? size * size : std::pow(size, order);
    }
    if (std::isinf(order) || order == 0) return result;
    return order == 2 ? std::sqrt(result) : std::pow(result, 1 / order);
}

/// Sums of magnitudes along one side of each matrix, of which the extreme counts.
double sum_norm(const auto* first, std::int64_t rows, std::int64_t columns, double order) {
    const bool by_row = std::isinf(order), largest = order > 0;
    double result = largest ? 0 : std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < (by_row ? rows : columns); ++i) {
        double sum = 0;
        for (std::int64_t k = 0; k < (by_row ? columns : rows); ++k)
            sum += std::abs(static_cast<double>(by_row ? first[i * columns + k] : first[k * columns + i]));
        result = largest ? std::max(result, sum) : std::min(result, sum);
    }
    return result;
}

template <class T>
double spectral_norm(std::span<const T> s, const Norm& norm) {
    if (s.empty()) return 0;
    if (norm.kind == Kind::nuclear) return std::accumulate(s.begin(), s.end(), 0.0);
    return norm.order > 0 ? s.front() : s.back();
}

/// The two axes of "axis" in the order given, moved last.
Permutation matrix_order(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    std::size_t row = 0, column = 1;
    if (a.given("axis")) {
        const std::vector<std::int64_t> axes = a.integers("axis");
        row = resolve_axis(axes[0], rank);
        column = resolve_axis(axes[1], rank);
    }
    Permutation order;
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (axis != row && axis != column) order.push_back(axis);
    order.insert(order.end(), {row, column});
    return order;
}

template <class T>
Tensor matrix_norms(const Arguments& a, const Tensor& x, const Norm& norm) {
    const Tensor matrices = transpose(x, matrix_order(a));
    const std::int64_t columns = matrices.shape().back(), rows = matrices.shape()[matrices.shape().rank() - 2];
    const bool spectral = norm.kind == Kind::nuclear || std::abs(norm.order) == 2;
    const Tensor s = spectral ? singular_values(matrices) : Tensor();
    Tensor y = Tensor::uninitialized(x.dtype(), reduced_shape(a).front());
    const T* from = matrices.values<T>().data();
    std::size_t at = 0;
    const auto side = static_cast<std::size_t>(std::min(rows, columns));
    for (T& value : y.mutable_values<T>()) {
        value = static_cast<T>(spectral ? spectral_norm<T>(s.values<T>().subspan(at, side), norm)
                                        : sum_norm(from, rows, columns, norm.order));
        from += rows * columns;
        at += side;
    }
    return y;
}

Tensors norms(const Arguments& a) {
    const Tensor x = x_as(a, carried(float_dtype(a)));
    const Norm norm = norm_of(a);
    return with_float(x.dtype(), [&]<class T>(Type<T>) -> Tensors {
        if (norm.matrix && norm.kind != Kind::frobenius) return {matrix_norms<T>(a, x, norm)};
        return {reduced<T>(a, x, [&](const T* first, std::int64_t n) {
            return static_cast<T>(vector_norm(first, n, norm.order));
        })};
    });
}

Shapes norm_shape(const Arguments& a) {
    norm_of(a);
    return reduced_shape(a);
}

/// Singular values that count: above `tol`, or above what rounding leaves of the largest.
double least_singular_value(const Tensor& x, double largest, double factor) {
    const double epsilon = x.dtype() == DType::float32 ? 0x1p-23 : 0x1p-52;
    const auto rank = x.shape().rank();
    return epsilon * static_cast<double>(std::max(x.shape()[rank - 2], x.shape().back())) * largest * factor;
}

Shapes rank_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() < 2) fail(Code::shape, "wanted matrices, found shape ", x);
    return {x.slice(0, x.rank() - 2)};
}

DType rank_dtype(const Arguments& a) {
    only_float_dtype(a);
    return DType::int32;
}

Tensors matrix_rank(const Arguments& a) {
    const Tensor x = x_itself(a), s = singular_values(x);
    const double given = a.given("tol") ? a.number("tol") : -1;
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        Tensor y = Tensor::uninitialized(DType::int32, rank_shape(a).front());
        const auto n = static_cast<std::size_t>(s.shape().back());
        const T* row = s.values<T>().data();
        for (std::int32_t& rank : y.mutable_values<std::int32_t>()) {
            const double least = given >= 0 ? given : least_singular_value(x, n == 0 ? 0 : row[0], 1);
            rank = static_cast<std::int32_t>(std::count_if(row, row + n, [&](T v) { return v > static_cast<T>(least); }));
            row += n;
        }
        return Tensors{y};
    });
}

Shapes pinv_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() != 2) fail(Code::unsupported, "a pseudo-inverse of shape ", x);
    return {Shape{x[1], x[0]}};
}

// V·diag(1/s)·Uᵀ, without the singular values that do not count. TensorFlow keeps ten times what rounding leaves.
Tensors pinv(const Arguments& a) {
    const Tensor x = x_itself(a);
    const Svd parts = svd(x, false);
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        const auto s = parts.s.values<T>();
        const double largest = s.empty() ? 0 : s[0];
        const double least = a.given("rcond") ? a.number("rcond") * largest : least_singular_value(x, largest, 10);
        Tensor scaled = parts.v;
        const auto values = scaled.mutable_values<T>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const T singular = s[i % s.size()];
            values[i] = singular > static_cast<T>(least) ? values[i] / singular : T{0};
        }
        return Tensors{contracted(scaled, parts.u, {{1}, {1}})};
    });
}

}  // namespace

const OpList& norm_ops() {
    static const OpList ops = {
        {{"norm", "compat.v1.norm"}, {}, "x|tensor ord=euclidean axis=null keepdims|keep_dims=null", norm_shape, float_dtype, norms},
        {{}, {"Norm"}, "x ord=null axis=null keepdims=false", norm_shape, float_dtype, norms},
        {{"linalg.matrix_rank"}, {"MatrixRank"}, "x|a tol=null ~validate_args", rank_shape, rank_dtype, matrix_rank},
        {{"linalg.pinv"}, {"Pinv"}, "x|a rcond=null ~validate_args", pinv_shape, only_float_dtype, pinv},
    };
    return ops;
}

}  // namespace layerctl::ops
