// The softmax family: activations that look at whole rows.
#pragma once

#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

using Axes = std::vector<std::size_t>;

/// y = exp(y) / Σ exp(y), jointly over `axes`; float32 or float64, as everything here.
void softmax(Tensor& y, const Axes& axes);

/// y = y − log Σ exp(y).
void log_softmax(Tensor& y, const Axes& axes);

/// The projection of every row onto the probability simplex.
void sparsemax(Tensor& y, const Axes& axes);

/// Adds −1e9 (float16: −65504) where `mask`, broadcast to `y`, is false: Keras' way to leave elements out of a softmax.
/// The result is rounded to `dtype`, which makes rows without anything left uniform.
void push_down_masked(Tensor& y, const Tensor& mask, DType dtype);

/// y = value where `mask`, broadcast to `y`, is false.
void fill_masked(Tensor& y, const Tensor& mask, double value);

}  // namespace layerctl::ops
