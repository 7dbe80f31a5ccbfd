// ReLU: x above the threshold, cut at max_value; negative_slope · (x − threshold) below.
#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class ReLU final : public ActivationLayer {
public:
    ReLU() : ActivationLayer("ReLU") {}
};

LAYERCTL_REGISTER_LAYER(ReLU);

}  // namespace
}  // namespace layerctl
