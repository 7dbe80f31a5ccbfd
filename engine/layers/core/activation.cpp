// Activation: an activation function as a layer of its own.
#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class ActivationOfName final : public ActivationLayer {
public:
    ActivationOfName() : ActivationLayer("Activation") {}

private:
    void config(ConfigIo& io) override { io.required("activation", activation); }
    Shapes compute_output_shape(const Shapes& in) const override { return {activated_shape(activation, in[0])}; }
};

LAYERCTL_REGISTER_ALIAS(ActivationOfName, Activation);

}  // namespace
}  // namespace layerctl
