// DepthwiseConv1D: a convolution along time per channel.
#include "engine/layers/convolutional/depthwise_conv.hpp"

namespace layerctl {
namespace {

class DepthwiseConv1D final : public DepthwiseConv {
public:
    DepthwiseConv1D() : DepthwiseConv(1) {}
};

LAYERCTL_REGISTER_LAYER(DepthwiseConv1D);

}  // namespace
}  // namespace layerctl
