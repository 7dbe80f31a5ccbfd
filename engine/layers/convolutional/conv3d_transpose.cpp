// Conv3DTranspose: transposed convolution of volumes.
#include "engine/layers/convolutional/conv_transpose.hpp"

namespace layerctl {
namespace {

class Conv3DTranspose final : public ConvTranspose {
public:
    Conv3DTranspose() : ConvTranspose(3) {}
};

LAYERCTL_REGISTER_LAYER(Conv3DTranspose);
LAYERCTL_REGISTER_ALIAS(Conv3DTranspose, Convolution3DTranspose);

}  // namespace
}  // namespace layerctl
