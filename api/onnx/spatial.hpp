// Windows that slide over spatial axes, as ONNX' Conv and Pool have them: channels before the spatial axes, padding in
// numbers. Internal to api.
#pragma once

#include "api/onnx/layer_call.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::onnx {

/// x with the channels before its spatial axes, and the way back.
Name to_channels_first(Builder& b, const Name& x, std::size_t spatial_rank, DataFormat format);
Name from_channels_first(Builder& b, const Name& x, std::size_t spatial_rank, DataFormat format);

/// The order that makes (out, in, sizes…) of a kernel (sizes…, in, out).
ops::Permutation kernel_to_channels_first(std::size_t spatial_rank);

/// What a node over a window reads and is told.
struct Placed {
    Name x;                 // channels first; cut where Keras' padding leaves elements out
    Attributes attributes;  // kernel_shape, strides, dilations and pads
};

/// `spatial` are the sizes of x, which may be unknown where padding does not depend on them or ONNX' SAME_UPPER is
/// Keras' "same"; otherwise Code::unsupported.
Placed place_window(Builder& b, const Name& x, const ops::Window& window, const Shape& spatial, bool dilated);

/// The window fields of a layer over `rank` spatial axes.
ops::Window window_of(const Settings& settings, std::size_t rank, const char* size_key);

/// How ONNX' Resize interpolates as TensorFlow does.
Attributes bilinear_attributes();

}  // namespace layerctl::onnx
