#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {

void WindowPooling::config(ConfigIo& io) {
    io.optional("pool_size", per_axis(window.size, window.rank()), positive);
    io.optional("strides", per_axis_or_null(window.strides, window.rank()), positive);
    io.optional("padding", window.padding, not_causal);
    io.optional("data_format", window.data_format);
}

// Without strides the windows lie side by side.
ops::Window WindowPooling::stepped() const {
    ops::Window result = window;
    if (result.strides.empty()) result.strides = result.size;
    return result;
}

Shapes WindowPooling::compute_output_shape(const Shapes& in) const {
    require(in[0].rank() == window.rank() + 2, "input must have rank ", window.rank() + 2, ", found shape ", in[0]);
    auto parts = ops::SpatialShape::split(in[0], window.rank(), window.data_format);
    parts.spatial = stepped().output(parts.spatial);
    return {parts.joined(window.data_format)};
}

// A maximum of integers is an integer.
DType WindowPooling::input_dtype(std::size_t i, DType given) const {
    return pooling == ops::Pooling::max ? keep(given) : Layer::input_dtype(i, given);
}

void WindowPooling::call(const Tensors& x, const Weights&, Tensors& y) const {
    const auto in = ops::SpatialShape::split(x[0].shape(), window.rank(), window.data_format);
    const ops::Boxes boxes = ops::window_boxes(stepped(), in.spatial);
    ops::in_channels_last(x[0], y[0], window.rank(), window.data_format,
                          [&](const Tensor& from, Tensor& to) { ops::pool(pooling, boxes, from, to); });
}

std::optional<Request> WindowPooling::lower(const Shapes& in, const Weights&) const {
    if (window.data_format == DataFormat::channels_first) return {};
    const auto parts = ops::SpatialShape::split(in[0], window.rank(), window.data_format);
    return Pool{pooling, ops::window_boxes(stepped(), parts.spatial)};
}

}  // namespace layerctl
