// How the image layers that change sizes cut and resize: Keras' smart_resize and its relatives.
#pragma once

#include "engine/ops/resize.hpp"
#include "engine/ops/spatial.hpp"
#include "models/tensor.hpp"

namespace layerctl {

/// Height and width of an image.
struct ImageSize {
    std::int64_t height = 0, width = 0;
};

/// The shape of (batch, height, width, channels) images, in either format, once they have `size`.
/// Anything but rank 4 is Code::shape.
Shape resized_shape(const Shape& in, ImageSize size, DataFormat format);

/// `images` (batch, height, width, channels) cut down to `size` in the middle; odd rests lose one more behind.
Tensor centre_crop(const Tensor& images, ImageSize size);

/// The largest middle part of the images with the aspect ratio of `size`.
Tensor crop_to_aspect_ratio(const Tensor& images, ImageSize size);

/// The images between equal margins of `fill` so that they have about the aspect ratio of `size`.
Tensor pad_to_aspect_ratio(const Tensor& images, ImageSize size, double fill);

/// crop_to_aspect_ratio, then resized into `y`.
void smart_resize(Interpolation interpolation, const Tensor& images, Tensor& y);

}  // namespace layerctl
