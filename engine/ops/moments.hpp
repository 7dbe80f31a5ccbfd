// Statistics along axes and what normalization layers do with them; float32 or float64, in place.
#pragma once

#include <cstdint>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// The mean and the biased variance of the n elements of a row.
struct Moments {
    double mean = 0;
    double variance = 0;
};
Moments moments(const float* row, std::int64_t n);
Moments moments(const double* row, std::int64_t n);

/// y = (y − mean) / √(variance + epsilon), with the biased variance.
void standardize(Tensor& y, const std::vector<std::size_t>& axes, double epsilon);

/// y = y / √(variance + epsilon).
void divide_by_deviation(Tensor& y, const std::vector<std::size_t>& axes, double epsilon);

/// y = y / √(mean of squares + epsilon).
void divide_by_rms(Tensor& y, const std::vector<std::size_t>& axes, double epsilon);

/// y = y / max(√(sum of squares), least_norm); zeros where the sum is beyond the range of y's dtype, as in Keras.
void l2_normalize(Tensor& y, const std::vector<std::size_t>& axes, double least_norm);

}  // namespace layerctl::ops
