// Convolutions. Keras' kernels are (sizes…, in, out), ONNX' (out, in, sizes…), of transposed ones (in, out, sizes…).
#include <algorithm>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"
#include "api/onnx/weights.hpp"
#include "engine/ops/conv.hpp"

namespace layerctl::onnx {
namespace {

struct Convolution {
    LayerCall& call;
    std::size_t rank;  // spatial axes
    ops::Window window;
    ops::SpatialShape in;

    explicit Convolution(LayerCall& layer_call)
        : call(layer_call),
          rank(call.rank() - 2),
          window(window_of(call.settings, rank, "kernel_size")),
          in(ops::SpatialShape::split(call.in[0], rank, window.data_format)) {
        require_plain_weights(call);
        if (call.settings.get<Ints>("kernel_size").size() != rank)
            fail(Code::unsupported, "an input of rank ", call.rank(), " is not written as ONNX");
    }

    Name input() const { return to_channels_first(call.b, call.x[0], rank, window.data_format); }

    Name bias() const { return call.settings.flag("use_bias") ? call.weight("bias") : Name(); }

    Names finished(const Name& y) const {
        const Name out = from_channels_first(call.b, y, rank, window.data_format);
        return {activate(call.b, call.settings.get<Activation>("activation"), out, call.dtype(), call.rank())};
    }

    /// The kernel with its axes (sizes…, a, b) as (b, a, sizes…).
    Name turned_kernel(const std::string& name) const {
        return call.b.constant(name, ops::transpose(call.w[name], kernel_to_channels_first(rank)));
    }

    /// The kernel of one channel each: (sizes…, channels, multiplier) as (channels · multiplier, 1, sizes…).
    Name depthwise_kernel(const std::string& name) const {
        const Tensor& kernel = call.w[name];
        Ints dims = kernel.shape().slice(0, rank).dims();
        dims.push_back(kernel.shape()[rank] * kernel.shape()[rank + 1]);
        ops::Permutation order = {rank};
        for (std::size_t i = 0; i < rank; ++i) order.push_back(i);
        const Tensor turned = ops::transpose(kernel.reshaped(Shape(dims)), order);
        dims = turned.shape().dims();
        dims.insert(dims.begin() + 1, 1);
        return call.b.constant(name, turned.reshaped(Shape(dims)));
    }

    Name convolve(const Name& kernel, const Name& offset, std::int64_t groups) const {
        Placed placed = place_window(call.b, input(), window, in.spatial, true);
        placed.attributes.push_back({"group", groups});
        return call.b.add("Conv", {placed.x, kernel, offset}, placed.attributes);
    }
};

Names conv(LayerCall& call) {
    const Convolution c(call);
    return c.finished(c.convolve(c.turned_kernel("kernel"), c.bias(), call.settings.get_or<std::int64_t>("groups", 1)));
}

Names depthwise_conv(LayerCall& call) {
    const Convolution c(call);
    const char* const kernel = call.keras3() ? "kernel" : "depthwise_kernel";
    return c.finished(c.convolve(c.depthwise_kernel(kernel), c.bias(), c.in.channels));
}

Names separable_conv(LayerCall& call) {
    const Convolution c(call);
    const Name between = c.convolve(c.depthwise_kernel("depthwise_kernel"), "", c.in.channels);
    return c.finished(call.b.add("Conv", {between, c.turned_kernel("pointwise_kernel"), c.bias()}));
}

/// A surplus below zero on the far side is what ONNX calls output_padding.
Names conv_transpose(LayerCall& call) {
    const Convolution c(call);
    Shape spatial = c.in.spatial;  // the surplus of a transposed convolution is the same for any size
    for (std::size_t i = 0; i < c.rank; ++i)
        if (spatial[i] == Shape::unknown) spatial[i] = c.window.extent(i);
    const ops::WindowAxes axes =
        ops::conv_transpose_axes(c.window, call.settings.get_or("output_padding", Ints()), spatial);
    Ints before, after, beyond;
    for (std::size_t i = 0; i < c.rank; ++i) {
        const ops::WindowAxis& axis = axes[3 - c.rank + i];
        const std::int64_t full = (axis.out - 1) * axis.stride + c.window.extent(i);
        const std::int64_t surplus = full - axis.in - axis.before;
        before.push_back(axis.before);
        after.push_back(std::max<std::int64_t>(surplus, 0));
        beyond.push_back(std::max<std::int64_t>(-surplus, 0));
    }
    before.insert(before.end(), after.begin(), after.end());
    return c.finished(call.b.add("ConvTranspose", {c.input(), c.turned_kernel("kernel"), c.bias()},
                                 {{"kernel_shape", c.window.size},
                                  {"strides", c.window.strides},
                                  {"dilations", c.window.dilation},
                                  {"pads", before},
                                  {"output_padding", beyond}}));
}

constexpr LayerForm forms[] = {
    {"Conv1D", conv},
    {"Conv1DTranspose", conv_transpose},
    {"Conv2D", conv},
    {"Conv2DTranspose", conv_transpose},
    {"Conv3D", conv},
    {"Conv3DTranspose", conv_transpose},
    {"DepthwiseConv1D", depthwise_conv},
    {"DepthwiseConv2D", depthwise_conv},
    {"SeparableConv1D", separable_conv},
    {"SeparableConv2D", separable_conv},
};

}  // namespace

LayerForms convolutional_forms() { return forms; }

}  // namespace layerctl::onnx
