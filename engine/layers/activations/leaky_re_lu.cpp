// LeakyReLU: x, or negative_slope · x where x is negative.
#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class LeakyReLU final : public ActivationLayer {
public:
    LeakyReLU() : ActivationLayer("LeakyReLU") {}
};

LAYERCTL_REGISTER_LAYER(LeakyReLU);

}  // namespace
}  // namespace layerctl
