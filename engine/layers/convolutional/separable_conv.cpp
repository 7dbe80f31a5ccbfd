#include "engine/layers/convolutional/separable_conv.hpp"

#include "engine/ops/matmul.hpp"

namespace layerctl {

void SeparableConv::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, window.rank() == 1);
    dilation_config(io);
    io.only("groups", 1);
    output_config(io);
    io.ignored("kernel_initializer");  // Keras 2 writes these three and has no such weight
    io.ignored("kernel_regularizer");
    io.ignored("kernel_constraint");
    weight_config(io, "bias", bias_initializer);
    io.optional("depth_multiplier", depth_multiplier, positive);
    weight_config(io, "depthwise", depthwise_initializer);
    weight_config(io, "pointwise", pointwise_initializer);
}

WeightSpecs SeparableConv::weights(const Shapes& in) const {
    const std::int64_t channels = split(in[0]).channels, between = ops::times(channels, depth_multiplier);
    std::vector<std::int64_t> pointwise(window.rank(), 1);
    pointwise.insert(pointwise.end(), {between, filters});
    WeightSpecs specs = {{"depthwise_kernel", kernel_shape({channels, depth_multiplier}), depthwise_initializer},
                         {"pointwise_kernel", Shape(std::move(pointwise)), pointwise_initializer}};
    add_bias_to(specs, filters);
    return specs;
}

void SeparableConv::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    const std::int64_t between = shape.channels * depth_multiplier;
    ops::ConvShape depthwise = shape;
    depthwise.filters = between;
    Tensor middle = Tensor::uninitialized(y.dtype(), y.shape().with_back(between));
    ops::depthwise_conv(depthwise, x, w["depthwise_kernel"], middle);
    ops::matmul(middle, w["pointwise_kernel"].reshaped({between, filters}), y);
}

std::optional<Request> SeparableConv::lower(const Shapes& in, const Weights& w) const {
    if (window.data_format == DataFormat::channels_first) return {};
    ops::ConvShape shape = geometry(in[0]);
    shape.filters = shape.channels * depth_multiplier;
    const Tensor depthwise = w["depthwise_kernel"].reshaped({ops::window_taps(shape.axes), shape.filters});
    return Separable{
        {shape, depthwise, {}, {}},
        Product{w["pointwise_kernel"].reshaped({shape.filters, filters}), use_bias ? w["bias"] : Tensor(), activation}};
}

std::optional<std::int64_t> SeparableConv::macs_of(const ops::ConvShape& shape) const {
    const std::int64_t between = shape.channels * depth_multiplier;
    const std::int64_t outputs = ops::times(shape.batch, ops::output_positions(shape.axes));
    return ops::times(ops::applications(shape), between) + ops::times(ops::times(outputs, between), filters);
}

}  // namespace layerctl
