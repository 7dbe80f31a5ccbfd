#include "engine/ops/softmax.hpp"

#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/rows.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

/// The maximum, or NaN if there is one.
template <class T>
T row_max(const T* row, std::int64_t n) {
    T best = row[0];
    for (std::int64_t i = 1; i < n; ++i) best = row[i] > best || std::isnan(row[i]) ? row[i] : best;
    return best;
}

template <class T>
void softmax_row(T* row, std::int64_t n) {
    const T max = row_max(row, n);
    T sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += row[i] = std::exp(row[i] - max);
    for (std::int64_t i = 0; i < n; ++i) row[i] /= sum;
}

template <class T>
void log_softmax_row(T* row, std::int64_t n) {
    const T max = row_max(row, n);
    T sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += std::exp(row[i] - max);
    const T shift = max + std::log(sum);
    for (std::int64_t i = 0; i < n; ++i) row[i] -= shift;
}

/// max(z − τ, 0), with τ = (Σ of the k largest − 1) / k and k = #{ j : z_j > (Σ of the j largest − 1) / j }.
template <class T>
void sparsemax_row(T* row, std::int64_t n) {
    std::vector<T> sorted(row, row + n);
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    T sum = 0, support_sum = 0, k = 0;
    for (std::int64_t j = 0; j < n; ++j) {
        sum += sorted[static_cast<std::size_t>(j)];
        if (sorted[static_cast<std::size_t>(j)] - (sum - 1) / static_cast<T>(j + 1) > 0) ++k, support_sum += sum;
    }
    // Keras sums the cumulative sums over the support where the formula has the last of them.
    const T threshold = (support_sum - 1) / k;
    for (std::int64_t i = 0; i < n; ++i) row[i] = std::max(row[i] - threshold, T{0});
}

template <class T, class Action>
void where_masked(Tensor& y, const Tensor& mask, Action action) {
    if (broadcast_shape(mask.shape(), y.shape()) != y.shape())
        fail(Code::unsupported, "a mask of shape ", mask.shape(), " over values of shape ", y.shape(),
             ", which Keras makes a larger array");  // of other entries of the batch: TimeDistributed(Softmax(axis=1))
    T* values = y.mutable_values<T>().data();
    const bool* keep = mask.values<bool>().data();
    const RowLoop<2> loop(y.shape(),
                          {broadcast_strides(y.shape(), y.shape()), broadcast_strides(mask.shape(), y.shape())});
    const std::int64_t n = loop.row_size(), step = loop.row_strides()[1];
    loop.run([&](const std::array<std::int64_t, 2>& at) {
        for (std::int64_t i = 0; i < n; ++i)
            if (!keep[at[1] + i * step]) action(values[at[0] + i]);
    });
}

}  // namespace

void softmax(Tensor& y, const Axes& axes) {
    with_float(y.dtype(), [&]<class T>(Type<T>) { for_each_row<T>(y, axes, softmax_row<T>); });
}

void log_softmax(Tensor& y, const Axes& axes) {
    with_float(y.dtype(), [&]<class T>(Type<T>) { for_each_row<T>(y, axes, log_softmax_row<T>); });
}

void sparsemax(Tensor& y, const Axes& axes) {
    with_float(y.dtype(), [&]<class T>(Type<T>) { for_each_row<T>(y, axes, sparsemax_row<T>); });
}

void push_down_masked(Tensor& y, const Tensor& mask, DType dtype) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const T far = dtype == DType::float16 ? T(65504) : T(1e9);
        where_masked<T>(y, mask, [=](T& value) { value -= far; });
    });
    if (dtype != y.dtype()) y = y.cast(dtype).cast(y.dtype());
}

void fill_masked(Tensor& y, const Tensor& mask, double value) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        where_masked<T>(y, mask, [fill = static_cast<T>(value)](T& masked) { masked = fill; });
    });
}

}  // namespace layerctl::ops
