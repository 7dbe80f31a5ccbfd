// Vector kernels over windows of pixels, each of which is a row of channels.
#pragma once

#include "engine/kernels/simd/simd.hpp"

namespace layerctl::simd {

/// Pixels under a window: where the first one lies, how many there are along each axis, and how far apart.
struct Box {
    const float* x = nullptr;
    std::size_t planes = 0, rows = 0, columns = 0;
    std::ptrdiff_t plane_step = 0, row_step = 0, column_step = 0;
};

/// y[t, c] = limits(bias[c] + Σ x[pixel of the window of t, c] · kernel[pixel, c]) for outputs side by side, whose
/// windows have as many pixels each.
struct DepthwiseCall {
    Box window = {};                // of the first output
    std::ptrdiff_t next = 0;        // from one window to the next
    const float* kernel = nullptr;  // of the window's first pixel
    std::ptrdiff_t kernel_plane_step = 0, kernel_row_step = 0;
    const float* bias = nullptr;
    std::size_t channels = 0;
    std::size_t outputs = 0;
    float* y = nullptr;
    std::ptrdiff_t pixel_step = 0;  // from one output to the next, and between neighbours in a row of the kernel
    float low, high;                // NaN goes through
};
void depthwise(const DepthwiseCall& call);

/// What a window is reduced to, per channel: the largest of its numbers, from the lowest finite one on and past NaN;
/// the largest, NaN if one is; the mean.
enum class Reduction { maximum, maximum_or_nan, mean };
void reduce(Reduction reduction, const Box& window, std::size_t channels, float* y);

}  // namespace layerctl::simd
