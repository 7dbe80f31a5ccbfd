#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {

void AdaptivePooling::config(ConfigIo& io) {
    io.required("output_size", per_axis(output_size, rank), positive);
    io.optional("data_format", data_format);
}

Shapes AdaptivePooling::compute_output_shape(const Shapes& in) const {
    require(in[0].rank() == rank + 2, "input must have rank ", rank + 2, ", found shape ", in[0]);
    auto parts = ops::SpatialShape::split(in[0], rank, data_format);
    for (const std::int64_t size : parts.spatial)
        require(size != 0, "spatial sizes must not be 0, found shape ", in[0]);
    parts.spatial = Shape(output_size);
    return {parts.joined(data_format)};
}

void AdaptivePooling::call(const Tensors& x, const Weights&, Tensors& y) const {
    const auto in = ops::SpatialShape::split(x[0].shape(), rank, data_format);
    const ops::Boxes boxes = ops::adaptive_boxes(in.spatial, output_size);
    ops::in_channels_last(x[0], y[0], rank, data_format,
                          [&](const Tensor& from, Tensor& to) { ops::pool(pooling, boxes, from, to); });
}

std::optional<Request> AdaptivePooling::lower(const Shapes& in, const Weights&) const {
    if (data_format == DataFormat::channels_first) return {};
    const auto parts = ops::SpatialShape::split(in[0], rank, data_format);
    return Pool{pooling, ops::adaptive_boxes(parts.spatial, output_size)};
}

}  // namespace layerctl
