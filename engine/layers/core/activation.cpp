// Activation: an activation function as a layer of its own.
#include "engine/ops/activation.hpp"

#include "engine/layer.hpp"

namespace layerctl {
namespace {

class ActivationOfName final : public Layer {
    Activation activation;

    void config(ConfigIo& io) override { io.required("activation", activation); }
    Shapes compute_output_shape(const Shapes& in) const override { return {activated_shape(activation, in[0])}; }
    DType input_dtype(std::size_t, DType given) const override {
        return is_integer(given) && keeps_integers(activation) ? given : compute_dtype();
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        y[0] = x[0];
        ops::apply(activation, y[0]);
    }
};

LAYERCTL_REGISTER_ALIAS(ActivationOfName, Activation);

}  // namespace
}  // namespace layerctl
