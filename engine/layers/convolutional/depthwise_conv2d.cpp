// DepthwiseConv2D: a convolution of images per channel.
#include "engine/layers/convolutional/depthwise_conv.hpp"

namespace layerctl {
namespace {

class DepthwiseConv2D final : public DepthwiseConv {
public:
    DepthwiseConv2D() : DepthwiseConv(2) {}
};

LAYERCTL_REGISTER_LAYER(DepthwiseConv2D);

}  // namespace
}  // namespace layerctl
