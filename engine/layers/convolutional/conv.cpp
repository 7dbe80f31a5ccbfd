#include "engine/layers/convolutional/conv.hpp"

#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

// A convolution over one axis may be causal.
struct PaddingOf {
    std::size_t rank;
    const char* operator()(Padding padding) const { return rank == 1 ? nullptr : not_causal(padding); }
};

}  // namespace

void Conv::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, PaddingOf{window.rank()});
    dilation_config(io);
    io.optional("groups", groups, positive);
    output_config(io);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
}

WeightSpecs Conv::weights(const Shapes& in) const {
    const std::int64_t channels = split(in[0]).channels;
    WeightSpecs specs = {{"kernel", kernel_shape({channels / groups, filters}), kernel_initializer}};
    add_bias_to(specs, filters);
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
    ops::conv(grouped, x, w["kernel"], y);
}

}  // namespace layerctl
