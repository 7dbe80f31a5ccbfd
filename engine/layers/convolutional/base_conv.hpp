// BaseConv: what all convolutional layers share — the window, data_format, bias and activation.
#pragma once

#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/conv.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {

class BaseConv : public Layer, public CountsMacs {
public:
    void call(const Tensors& x, const Weights& w, Tensors& y) const final;
    Shapes compute_output_shape(const Shapes& in) const final;
    std::optional<std::int64_t> macs(const Shapes& in) const final { return macs_of(geometry(in[0])); }

protected:
    explicit BaseConv(std::size_t rank) : window(rank) {}

    /// kernel_size, strides, padding and data_format. Causal padding exists along time only.
    void window_config(ConfigIo& io, bool may_be_causal);
    void dilation_config(ConfigIo& io);
    void output_config(ConfigIo& io);

    /// The parts of an input's shape; the number of channels must be known.
    ops::SpatialShape split(const Shape& in) const;

    /// Kernel shape: the window's sizes followed by `channels` dimensions.
    Shape kernel_shape(std::initializer_list<std::int64_t> channels) const;
    void add_bias_to(WeightSpecs& specs, std::int64_t filters) const;

    Shape shape_before_activation(const Shape& in) const;
    ops::ConvShape geometry(const Shape& in) const;

    /// The number of output channels; the output's spatial sizes.
    virtual std::int64_t output_channels(const ops::SpatialShape& in) const = 0;
    virtual Shape output_sizes(const Shape& spatial) const { return window.output(spatial); }

    /// The convolution itself on channels-last data.
    virtual void convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const = 0;
    virtual std::optional<std::int64_t> macs_of(const ops::ConvShape& shape) const = 0;
    virtual void add_bias(const Tensor& bias, Tensor& y) const;
    virtual ops::WindowAxes axes(const Shape& spatial) const { return window.axes(spatial); }

    ops::Window window;
    Activation activation;
    bool use_bias = true;
    Initializer bias_initializer = Initializer::zeros();
};

}  // namespace layerctl
