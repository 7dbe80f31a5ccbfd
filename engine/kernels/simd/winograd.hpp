// Winograd's F(4×4, 3×3): 16 outputs of a 3×3 convolution by 36 products instead of 144; F(2×2, 3×3): 4 by 16 instead
// of 36; and F(4, 3) along one axis: 4 by 6 instead of 12. Toom-Cook schemes over the points 0, ±near, ±far and ∞, or
// 0, ±1 and ∞ (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015); with these two, which oneDNN
// has too, it rounds better than with 1 and 2.
#pragma once

#include "engine/kernels/simd/simd.hpp"

namespace layerctl::simd::winograd {

inline constexpr double near = 0.625, far = 1.5;
inline constexpr std::size_t tile = 4;   // outputs along an axis
inline constexpr std::size_t reach = 6;  // inputs that these depend on
inline constexpr std::size_t small_tile = 2, small_reach = 4;

/// `pixels`: the inputs of a tile, 6×6 or 4×4, row by row, each with its channels. Component i goes to to + i · stride.
void transform_input(std::size_t of_reach, const float* const* pixels, std::size_t channels, float* to,
                     std::size_t stride);

/// The same of the 6 inputs of a line of 4 outputs.
void transform_input_line(const float* const* pixels, std::size_t channels, float* to, std::size_t stride);

/// The sums of products over the channels of a tile, and where its outputs go.
struct Output {
    const float* sums = nullptr;  // component i: sums + i · stride
    std::size_t stride = 0;
    const float* bias = nullptr;
    std::size_t filters = 0;
    float* y = nullptr;
    const float* added = nullptr;       // null: nothing; lies like y, or is y
    std::size_t line = 0;               // floats from a row of pixels to the next
    std::size_t step = 0;               // and from one to the next
    std::size_t height = 0, width = 0;  // at most as many as the tile has
    Curve curve;
};
void transform_output(std::size_t of_reach, const Output& output);
void transform_output_line(const Output& output);

}  // namespace layerctl::simd::winograd
