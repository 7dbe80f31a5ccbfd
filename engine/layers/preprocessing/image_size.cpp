#include "engine/layers/preprocessing/image_size.hpp"

#include <algorithm>

#include "engine/layer.hpp"
#include "engine/ops/move.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

ImageSize size_of(const Tensor& images) { return {images.shape()[1], images.shape()[2]}; }

// The height that goes with `width` at the aspect ratio of `target`, and the reverse; rounded as TensorFlow does.
ImageSize matching(ImageSize image, ImageSize target) {
    const auto scaled = [](std::int64_t size, std::int64_t to, std::int64_t from) {
        return static_cast<std::int64_t>(static_cast<float>(size * to) / static_cast<float>(from));
    };
    return {scaled(image.width, target.height, target.width), scaled(image.height, target.width, target.height)};
}

}  // namespace

Shape resized_shape(const Shape& in, ImageSize size, DataFormat format) {
    require(in.rank() == 4, "input must have rank 4, found shape ", in);
    auto parts = ops::SpatialShape::split(in, 2, format);
    parts.spatial = {size.height, size.width};
    return parts.joined(format);
}

Tensor centre_crop(const Tensor& images, ImageSize size) {
    const ImageSize from = size_of(images);
    Tensor result =
        Tensor::uninitialized(images.dtype(), {images.shape()[0], size.height, size.width, images.shape()[3]});
    ops::place(images, {0, -((from.height - size.height) / 2), -((from.width - size.width) / 2), 0}, result);
    return result;
}

Tensor crop_to_aspect_ratio(const Tensor& images, ImageSize size) {
    const ImageSize from = size_of(images), fit = matching(from, size);
    return centre_crop(images, {std::max<std::int64_t>(std::min(from.height, fit.height), 1),
                                std::max<std::int64_t>(std::min(from.width, fit.width), 1)});
}

Tensor pad_to_aspect_ratio(const Tensor& images, ImageSize size, double fill) {
    const ImageSize from = size_of(images), fit = matching(from, size);
    const std::int64_t top = std::max<std::int64_t>(fit.height - from.height, 0) / 2;
    const std::int64_t left = std::max<std::int64_t>(fit.width - from.width, 0) / 2;
    Tensor result = Tensor::uninitialized(
        images.dtype(), {images.shape()[0], from.height + 2 * top, from.width + 2 * left, images.shape()[3]});
    with_float(result.dtype(), [&]<class T>(Type<T>) {
        const auto values = result.mutable_values<T>();
        std::fill(values.begin(), values.end(), static_cast<T>(fill));
    });
    ops::place(images, {0, top, left, 0}, result);
    return result;
}

void smart_resize(Interpolation interpolation, const Tensor& images, Tensor& y) {
    ops::resize(interpolation, false, crop_to_aspect_ratio(images, size_of(y)), y);
}

}  // namespace layerctl
