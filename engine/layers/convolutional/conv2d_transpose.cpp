// Conv2DTranspose: transposed convolution of images.
#include "engine/layers/convolutional/conv_transpose.hpp"

namespace layerctl {
namespace {

class Conv2DTranspose final : public ConvTranspose {
public:
    Conv2DTranspose() : ConvTranspose(2) {}
};

LAYERCTL_REGISTER_LAYER(Conv2DTranspose);
LAYERCTL_REGISTER_ALIAS(Conv2DTranspose, Convolution2DTranspose);

}  // namespace
}  // namespace layerctl
