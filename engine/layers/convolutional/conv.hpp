// Conv: the plain convolution layer over 1, 2 or 3 spatial axes.
#pragma once

#include "engine/layers/convolutional/base_conv.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class Conv : public BaseConv, public Lowers {
public:
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

protected:
    explicit Conv(std::size_t rank) : BaseConv(rank) {}

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    std::int64_t output_channels(const ops::SpatialShape& in) const override;
    void convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const override;
    std::optional<std::int64_t> macs_of(const ops::ConvShape& shape) const override;

private:
    std::int64_t filters = 0;
    std::int64_t groups = 1;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Lora lora{"kernel"};
};

}  // namespace layerctl
