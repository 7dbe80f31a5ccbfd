// ConvTranspose: the transposed convolution layer over 1, 2 or 3 spatial axes.
#pragma once

#include "engine/layers/convolutional/base_conv.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class ConvTranspose : public BaseConv, public Lowers {
public:
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

protected:
    explicit ConvTranspose(std::size_t rank) : BaseConv(rank) {}

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    std::int64_t output_channels(const ops::SpatialShape&) const override { return filters; }
    Shape output_sizes(const Shape& spatial) const override;
    ops::WindowAxes axes(const Shape& spatial) const override;
    void convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const override;
    std::optional<std::int64_t> macs_of(const ops::ConvShape& shape) const override;

private:
    std::int64_t filters = 0;
    std::vector<std::int64_t> output_padding;  // empty: Keras' default
    Initializer kernel_initializer = Initializer::glorot_uniform();
};

}  // namespace layerctl
