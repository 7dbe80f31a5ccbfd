// Conv1DTranspose: transposed convolution along time.
#include "engine/layers/convolutional/conv_transpose.hpp"

namespace layerctl {
namespace {

class Conv1DTranspose final : public ConvTranspose {
public:
    Conv1DTranspose() : ConvTranspose(1) {}
};

LAYERCTL_REGISTER_LAYER(Conv1DTranspose);
LAYERCTL_REGISTER_ALIAS(Conv1DTranspose, Convolution1DTranspose);

}  // namespace
}  // namespace layerctl
