// PReLU: x, or alpha · x where x is negative, with a learned alpha per element, shared along shared_axes.
#include "engine/lowering.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class PReLU final : public Layer, public Lowers {
    std::optional<AxisList> shared_axes;
    Initializer alpha_initializer = Initializer::zeros();

    void config(ConfigIo& io) override {
        io.optional("shared_axes", shared_axes);
        weight_config(io, "alpha", alpha_initializer);
    }

    WeightSpecs weights(const Shapes& in) const override {
        Shape alpha = in[0];
        alpha[0] = 1;
        if (shared_axes)
            for (const std::size_t axis : shared_axes->resolve(alpha.rank())) alpha[axis] = 1;
        for (std::size_t axis = 1; axis < alpha.rank(); ++axis) known_dim(alpha, axis);
        return {{"alpha", alpha.slice(1, alpha.rank()), alpha_initializer}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            ops::binary<T>(x[0], w["alpha"], y[0], [](T value, T alpha) { return value < 0 ? alpha * value : value; });
        });
    }

    /// One number for all, or the same for every element of some front axes.
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const Tensor& alpha = w["alpha"];
        std::size_t axis = 0;
        while (axis < alpha.shape().rank() && alpha.shape()[axis] == 1) ++axis;
        for (std::size_t i = axis; i < alpha.shape().rank(); ++i)
            if (alpha.shape()[i] != in[0][i + 1]) return {};
        if (alpha.elements() > 1) return Slope{alpha};
        return Slope{ops::broadcast_to(alpha.reshaped({1}), {in[0].back()})};
    }
};

LAYERCTL_REGISTER_LAYER(PReLU);

}  // namespace
}  // namespace layerctl
