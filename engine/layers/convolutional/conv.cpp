#include "engine/layers/convolutional/conv.hpp"

namespace layerctl {
void Conv::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, window.rank() == 1);
    dilation_config(io);
    io.optional("groups", groups, positive);
    output_config(io);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
    lora.config(io);
}

WeightSpecs Conv::weights(const Shapes& in) const {
    const Shape kernel = kernel_shape({split(in[0]).channels / groups, filters});
    WeightSpecs specs = {{"kernel", kernel, kernel_initializer, !lora.enabled()}};
    add_bias_to(specs, filters);
    lora.add_weights(kernel, specs);
    return specs;
}

std::int64_t Conv::output_channels(const ops::SpatialShape& in) const {
    require(in.channels % groups == 0, "wanted channels divisible by ", groups, " groups, found ", in.channels);
    require(filters % groups == 0, "wanted filters divisible by ", groups, " groups, found ", filters);
    return filters;
}

void Conv::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    ops::ConvShape grouped = shape;
    grouped.groups = groups;
    ops::conv(grouped, x, lora.merged(w), y);
}

std::optional<Request> Conv::lower(const Shapes& in, const Weights& w) const {
    if (window.data_format == DataFormat::channels_first) return {};
    ops::ConvShape shape = geometry(in[0]);
    shape.groups = groups;
    return Convolution{shape, lora.merged(w), use_bias ? w["bias"] : Tensor(), activation};
}

std::optional<std::int64_t> Conv::macs_of(const ops::ConvShape& shape) const {
    if (lora.enabled()) return {};
    return ops::times(ops::times(ops::applications(shape), shape.channels / groups), filters);
}

}  // namespace layerctl
