// SeparableConv2D: depthwise, then pointwise convolution of images.
#include "engine/layers/convolutional/separable_conv.hpp"

namespace layerctl {
namespace {

class SeparableConv2D final : public SeparableConv {
public:
    SeparableConv2D() : SeparableConv(2) {}
};

LAYERCTL_REGISTER_LAYER(SeparableConv2D);
LAYERCTL_REGISTER_ALIAS(SeparableConv2D, SeparableConvolution2D);

}  // namespace
}  // namespace layerctl
