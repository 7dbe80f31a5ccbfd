// Conv2D: convolution of images.
#include "engine/layers/convolutional/conv.hpp"

namespace layerctl {
namespace {

class Conv2D final : public Conv {
public:
    Conv2D() : Conv(2) {}
};

LAYERCTL_REGISTER_LAYER(Conv2D);
LAYERCTL_REGISTER_ALIAS(Conv2D, Convolution2D);

}  // namespace
}  // namespace layerctl
