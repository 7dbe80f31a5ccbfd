// Conv3D: convolution of volumes.
#include "engine/layers/convolutional/conv.hpp"

namespace layerctl {
namespace {

class Conv3D final : public Conv {
public:
    Conv3D() : Conv(3) {}
};

LAYERCTL_REGISTER_LAYER(Conv3D);
LAYERCTL_REGISTER_ALIAS(Conv3D, Convolution3D);

}  // namespace
}  // namespace layerctl
