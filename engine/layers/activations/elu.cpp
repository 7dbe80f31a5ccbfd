// ELU: x, or alpha · (eˣ − 1) where x is negative.
#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class ELU final : public ActivationLayer {
public:
    ELU() : ActivationLayer("ELU") {}
};

LAYERCTL_REGISTER_LAYER(ELU);

}  // namespace
}  // namespace layerctl
