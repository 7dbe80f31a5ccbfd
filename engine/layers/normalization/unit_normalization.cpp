// UnitNormalization: x divided by its length along the axes.
#include "engine/layer.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/moments.hpp"

namespace layerctl {
namespace {

class UnitNormalization final : public Layer {
    AxisList axis;

    void config(ConfigIo& io) override { io.optional("axis", axis); }

    Shapes compute_output_shape(const Shapes& in) const override {
        axis.resolve(in[0].rank());
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        // Keras 2 keeps the squared length above 1e-12, Keras 3 the length.
        const double least_length = context().dialect == Dialect::keras3 ? 1e-12 : 1e-6;
        y[0] = x[0];
        ops::l2_normalize(y[0], axis.resolve(x[0].shape().rank()), least_length);
    }
};

LAYERCTL_REGISTER_LAYER(UnitNormalization);

}  // namespace
}  // namespace layerctl
