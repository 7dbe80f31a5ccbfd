// ParametricSoftplus of Keras 1: alpha · log(1 + exp(beta · x)), alpha and beta learned for every element.
#include "engine/layer.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class ParametricSoftplus final : public Layer {
    double alpha_init = 0.2;
    double beta_init = 5;

    void config(ConfigIo& io) override {
        io.optional("alpha_init", alpha_init);
        io.optional("beta_init", beta_init);
    }

    static Initializer constant(double value) { return {"Constant", Value::object({{"value", value}})}; }

    WeightSpecs weights(const Shapes& in) const override {
        const Shape shape = in[0].slice(1, in[0].rank());
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) known_dim(shape, axis);
        return {{"alphas", shape, constant(alpha_init)}, {"betas", shape, constant(beta_init)}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    static void multiply(const Tensor& x, const Tensor& factor, Tensor& y) {
        with_float(y.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(x, factor, y, [](T a, T b) { return a * b; }); });
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        multiply(x[0], w["betas"], y[0]);
        ops::apply({.id = Activation::Id::softplus}, y[0]);
        multiply(y[0], w["alphas"], y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(ParametricSoftplus);

}  // namespace
}  // namespace layerctl
