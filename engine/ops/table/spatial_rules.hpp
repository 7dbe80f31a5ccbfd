// Arguments that operations on images share, as TensorFlow and Keras 3 write them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/spatial.hpp"
#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// "channels_last", "NHWC" … of the argument `data_format`; null means channels last.
DataFormat data_format(const Arguments& a);

/// Code::refused for a size of an image or window beyond 2^24, which a run would count through.
void require_bounded(std::int64_t size, std::string_view name);

/// Positive sizes of `rank` spatial axes: one number for all of them, one for each, or (TensorFlow) one for each axis
/// of the tensor, where batch and channels have 1. null means 1.
std::vector<std::int64_t> per_spatial_axis(const Arguments& a, std::string_view name, std::size_t rank);

/// The argument `padding` of a sliding window: 'valid', 'same' or, in TensorFlow, zeros [before, after] per axis.
struct WindowPadding {
    Padding padding = Padding::valid;
    std::vector<std::array<std::int64_t, 2>> zeros;  // per spatial axis; empty: none

    /// The spatial sizes with these zeros.
    Shape padded(Shape spatial) const;
};
WindowPadding window_padding(const Arguments& a, std::size_t rank);

/// x with zeros around its spatial axes, channels last.
Tensor with_zeros(const Tensor& x, const WindowPadding& padding);

}  // namespace layerctl::ops
