// LocallyConnected: a convolution whose kernel differs from position to position (Keras 2), stored in one of three
// ways.
#pragma once

#include "engine/layers/convolutional/base_conv.hpp"

namespace layerctl {

class LocallyConnected : public BaseConv {
protected:
    explicit LocallyConnected(std::size_t rank) : BaseConv(rank) {}

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    std::int64_t output_channels(const ops::SpatialShape&) const override { return filters; }
    ops::WindowAxes axes(const Shape& spatial) const override;
    void convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const override;
    std::optional<std::int64_t> macs_of(const ops::ConvShape& shape) const override;
    void add_bias(const Tensor& bias, Tensor& y) const override;

private:
    Shape stored_kernel_shape(const ops::SpatialShape& in) const;
    std::int64_t connections(const Shape& spatial) const;
    Tensor kernel_per_position(const ops::ConvShape& shape, const Tensor& stored) const;

    std::int64_t filters = 0;
    std::int64_t implementation = 1;
    Initializer kernel_initializer = Initializer::glorot_uniform();
};

}  // namespace layerctl
