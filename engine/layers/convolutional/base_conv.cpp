#include "engine/layers/convolutional/base_conv.hpp"

#include "engine/ops/matmul.hpp"

namespace layerctl {

void BaseConv::window_config(ConfigIo& io, bool may_be_causal) {
    io.required("kernel_size", per_axis(window.size, window.rank()), positive);
    io.optional("strides", per_axis(window.strides, window.rank()), positive);
    io.optional("padding", window.padding,
                [=](Padding padding) { return may_be_causal ? nullptr : not_causal(padding); });
    io.optional("data_format", window.data_format);
}

void BaseConv::dilation_config(ConfigIo& io) {
    io.optional("dilation_rate", per_axis(window.dilation, window.rank()), positive);
}

void BaseConv::output_config(ConfigIo& io) {
    io.optional("activation", activation);
    io.optional("use_bias", use_bias);
}

ops::SpatialShape BaseConv::split(const Shape& in) const {
    auto parts = ops::SpatialShape::split(in, window.rank(), window.data_format);
    require(parts.channels != Shape::unknown, "the number of channels must be known, found shape ", in);
    return parts;
}

Shape BaseConv::kernel_shape(std::initializer_list<std::int64_t> channels) const {
    std::vector<std::int64_t> dims = window.size;
    dims.insert(dims.end(), channels);
    return Shape(std::move(dims));
}

void BaseConv::add_bias_to(WeightSpecs& specs, std::int64_t filters) const {
    if (use_bias) specs.push_back({"bias", {filters}, bias_initializer});
}

Shape BaseConv::shape_before_activation(const Shape& in) const {
    ops::SpatialShape parts = split(in);
    parts.channels = output_channels(parts);
    parts.spatial = output_sizes(parts.spatial);
    return parts.joined(window.data_format);
}

ops::ConvShape BaseConv::geometry(const Shape& in) const {
    const auto from = split(in), to = split(shape_before_activation(in));
    return {.batch = from.batch.elements(),
            .axes = axes(from.spatial),
            .channels = from.channels,
            .filters = to.channels};
}

Shapes BaseConv::compute_output_shape(const Shapes& in) const {
    return {activated_shape(activation, shape_before_activation(in[0]))};
}

void BaseConv::add_bias(const Tensor& bias, Tensor& y) const { ops::add_bias(y, bias); }

// Activations such as softmax act on the last axis, whichever it is: they come after the return to channels_first.
void BaseConv::call(const Tensors& x, const Weights& w, Tensors& y) const {
    const Shape before_activation = shape_before_activation(x[0].shape());
    if (y[0].shape() != before_activation) y[0] = Tensor::uninitialized(y[0].dtype(), before_activation);
    const ops::ConvShape shape = geometry(x[0].shape());
    ops::in_channels_last(x[0], y[0], window.rank(), window.data_format, [&](const Tensor& from, Tensor& to) {
        convolve(shape, from, w, to);
        if (use_bias) add_bias(w["bias"], to);
    });
    ops::apply(activation, y[0]);
}

}  // namespace layerctl
