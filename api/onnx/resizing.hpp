// Images of another size. Internal to api.
#pragma once

#include "api/onnx/layer_call.hpp"
#include "engine/ops/resize.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl::onnx {

/// x (batch, height, width, channels), or channels first, as an image of `to` rows and columns. Methods that ONNX'
/// Resize has not are two products with matrices, for which the sizes of x, `from`, must be known; Code::unsupported
/// otherwise.
Name resized(LayerCall& call, Interpolation method, bool antialias, const Name& x, const Shape& from, const Ints& to,
             DataFormat format);

}  // namespace layerctl::onnx
