// DepthwiseConv: every channel has `depth_multiplier` kernels of its own.
#pragma once

#include "engine/layers/convolutional/base_conv.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class DepthwiseConv : public BaseConv, public Lowers {
public:
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

protected:
    explicit DepthwiseConv(std::size_t rank) : BaseConv(rank) {}

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    std::int64_t output_channels(const ops::SpatialShape& in) const override;
    void convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const override;
    std::optional<std::int64_t> macs_of(const ops::ConvShape& shape) const override;

private:
    const char* kernel_name() const;

    std::int64_t depth_multiplier = 1;
    Initializer depthwise_initializer = Initializer::glorot_uniform();
};

}  // namespace layerctl
