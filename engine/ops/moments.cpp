#include "engine/ops/moments.hpp"

#include <cmath>

#include "engine/ops/rows.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

template <class T>
Moments moments_of(const T* row, std::int64_t n) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(row[i]);
    const double mean = sum / static_cast<double>(n);
    for (std::int64_t i = 0; i < n; ++i) {
        const double deviation = static_cast<double>(row[i]) - mean;
        squares += deviation * deviation;
    }
    return {mean, squares / static_cast<double>(n)};
}

template <class T>
double sum_of_squares(const T* row, std::int64_t n) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(row[i]) * static_cast<double>(row[i]);
    return sum;
}

/// y = (y − shift) · factor for every row, with {shift, factor} from `action(row, n)`.
template <class Action>
void rescale_rows(Tensor& y, const std::vector<std::size_t>& axes, Action action) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        for_each_row<T>(y, axes, [&](T* row, std::int64_t n) {
            const auto [shift, factor] = action(row, n);
            for (std::int64_t i = 0; i < n; ++i)
                row[i] = static_cast<T>((static_cast<double>(row[i]) - shift) * factor);
        });
    });
}

}  // namespace

Moments moments(const float* row, std::int64_t n) { return moments_of(row, n); }
Moments moments(const double* row, std::int64_t n) { return moments_of(row, n); }

void standardize(Tensor& y, const std::vector<std::size_t>& axes, double epsilon) {
    rescale_rows(y, axes, [=](const auto* row, std::int64_t n) {
        const Moments m = moments(row, n);
        return std::pair(m.mean, 1 / std::sqrt(m.variance + epsilon));
    });
}

void divide_by_deviation(Tensor& y, const std::vector<std::size_t>& axes, double epsilon) {
    rescale_rows(y, axes, [=](const auto* row, std::int64_t n) {
        return std::pair(0.0, 1 / std::sqrt(moments(row, n).variance + epsilon));
    });
}

void divide_by_rms(Tensor& y, const std::vector<std::size_t>& axes, double epsilon) {
    rescale_rows(y, axes, [=](const auto* row, std::int64_t n) {
        return std::pair(0.0, 1 / std::sqrt(sum_of_squares(row, n) / static_cast<double>(n) + epsilon));
    });
}

void l2_normalize(Tensor& y, const std::vector<std::size_t>& axes, double least_norm) {
    rescale_rows(y, axes, [=]<class T>(const T* row, std::int64_t n) {
        const auto squares = static_cast<double>(static_cast<T>(sum_of_squares(row, n)));
        return std::pair(0.0, 1 / std::max(std::sqrt(squares), least_norm));
    });
}

}  // namespace layerctl::ops
