// SeparableConv1D: depthwise, then pointwise convolution along time.
#include "engine/layers/convolutional/separable_conv.hpp"

namespace layerctl {
namespace {

class SeparableConv1D final : public SeparableConv {
public:
    SeparableConv1D() : SeparableConv(1) {}
};

LAYERCTL_REGISTER_LAYER(SeparableConv1D);
LAYERCTL_REGISTER_ALIAS(SeparableConv1D, SeparableConvolution1D);

}  // namespace
}  // namespace layerctl
