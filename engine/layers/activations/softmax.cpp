// Softmax: eˣ / Σ eˣ, jointly over the listed axes; masked elements are left out.
#include "engine/ops/softmax.hpp"

#include "engine/layers/activations/activation_layer.hpp"

namespace layerctl {
namespace {

class Softmax final : public ActivationLayer {
public:
    Softmax() : ActivationLayer("Softmax") {}

    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        if (masks.empty() || !masks[0].has_value()) return call(x, w, y);
        y[0] = x[0];
        ops::push_down_masked(y[0], masks[0], compute_dtype());
        ops::apply(activation, y[0]);
        if (context().dialect == Dialect::keras3) ops::fill_masked(y[0], masks[0], 0);
    }
};

LAYERCTL_REGISTER_LAYER(Softmax);

}  // namespace
}  // namespace layerctl
