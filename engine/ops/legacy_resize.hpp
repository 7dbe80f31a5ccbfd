// Image resizing on the pixel grids of TensorFlow 1.
#pragma once

#include "engine/ops/resize.hpp"

namespace layerctl {

/// Where output i of an axis reads its input: at the middle of its pixel, (i + 1/2)·in/out − 1/2; TensorFlow 1 read at
/// i·in/out, or at i·(in − 1)/(out − 1) so that the outermost pixels meet.
enum class PixelGrid { half_pixel, corner, aligned };

namespace ops {

/// `resize` without antialias on any grid; nearest, bilinear, bicubic and area only.
void resize_on(PixelGrid grid, Interpolation method, const Tensor& x, Tensor& y);

}  // namespace ops
}  // namespace layerctl
