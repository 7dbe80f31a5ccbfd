// ThresholdedReLU: x where it is above theta, else 0.
#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class ThresholdedReLU final : public ActivationLayer {
public:
    ThresholdedReLU() : ActivationLayer("ThresholdedReLU") {}
};

LAYERCTL_REGISTER_LAYER(ThresholdedReLU);

}  // namespace
}  // namespace layerctl
