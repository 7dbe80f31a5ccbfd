#include "engine/layers/convolutional/depthwise_conv.hpp"

namespace layerctl {

void DepthwiseConv::config(ConfigIo& io) {
    window_config(io, false);
    dilation_config(io);
    io.only("groups", 1);
    output_config(io);
    weight_config(io, "bias", bias_initializer);
    io.optional("depth_multiplier", depth_multiplier, positive);
    weight_config(io, "depthwise", depthwise_initializer);
}

const char* DepthwiseConv::kernel_name() const {
    return context().dialect == Dialect::keras3 ? "kernel" : "depthwise_kernel";
}

WeightSpecs DepthwiseConv::weights(const Shapes& in) const {
    const auto parts = split(in[0]);
    WeightSpecs specs = {{kernel_name(), kernel_shape({parts.channels, depth_multiplier}), depthwise_initializer}};
    add_bias_to(specs, output_channels(parts));
    return specs;
}

std::int64_t DepthwiseConv::output_channels(const ops::SpatialShape& in) const {
    return ops::times(in.channels, depth_multiplier);
}

void DepthwiseConv::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    ops::depthwise_conv(shape, x, w[kernel_name()], y);
}

std::optional<Request> DepthwiseConv::lower(const Shapes& in, const Weights& w) const {
    if (window.data_format == DataFormat::channels_first) return {};
    const ops::ConvShape shape = geometry(in[0]);
    return Depthwise{shape, w[kernel_name()].reshaped({ops::window_taps(shape.axes), shape.filters}),
                     use_bias ? w["bias"] : Tensor(), activation};
}

std::optional<std::int64_t> DepthwiseConv::macs_of(const ops::ConvShape& shape) const {
    return ops::times(ops::applications(shape), shape.filters);
}

}  // namespace layerctl
