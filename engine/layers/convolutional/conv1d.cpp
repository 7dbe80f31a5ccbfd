// Conv1D: convolution along time, causal if asked.
#include "engine/layers/convolutional/conv.hpp"

namespace layerctl {
namespace {

class Conv1D final : public Conv {
public:
    Conv1D() : Conv(1) {}
};

LAYERCTL_REGISTER_LAYER(Conv1D);
LAYERCTL_REGISTER_ALIAS(Conv1D, Convolution1D);

}  // namespace
}  // namespace layerctl
