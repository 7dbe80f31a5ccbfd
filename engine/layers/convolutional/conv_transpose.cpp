#include "engine/layers/convolutional/conv_transpose.hpp"

#include "engine/ops/transpose.hpp"

namespace layerctl {

// Keras 2 knows no dilation of Conv3DTranspose, Keras 3 no groups.
void ConvTranspose::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, false);
    if (window.rank() < 3 || io.dialect() == Dialect::keras3) dilation_config(io);
    else io.only("dilation_rate", Value::array({1, 1, 1}));
    io.only("groups", 1);
    output_config(io);
    io.optional("output_padding", per_axis_or_null(output_padding, window.rank()), not_negative);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
}

WeightSpecs ConvTranspose::weights(const Shapes& in) const {
    WeightSpecs specs = {{"kernel", kernel_shape({filters, split(in[0]).channels}), kernel_initializer}};
    add_bias_to(specs, filters);
    return specs;
}

Shape ConvTranspose::output_sizes(const Shape& spatial) const {
    return ops::conv_transpose_output(window, output_padding, spatial);
}

ops::WindowAxes ConvTranspose::axes(const Shape& spatial) const {
    return ops::conv_transpose_axes(window, output_padding, spatial);
}

void ConvTranspose::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    ops::conv_transpose(shape, x, w["kernel"], y);
}

std::optional<Request> ConvTranspose::lower(const Shapes& in, const Weights& w) const {
    if (window.data_format == DataFormat::channels_first) return {};
    const ops::ConvShape shape = geometry(in[0]);
    const Tensor taps = w["kernel"].reshaped({ops::window_taps(shape.axes), filters, shape.channels});
    return TransposedConvolution{shape, ops::transpose(taps, {2, 0, 1}), use_bias ? w["bias"] : Tensor(), activation};
}

std::optional<std::int64_t> ConvTranspose::macs_of(const ops::ConvShape& shape) const {
    return ops::times(ops::times(ops::applications(shape), shape.channels), filters);
}

}  // namespace layerctl
