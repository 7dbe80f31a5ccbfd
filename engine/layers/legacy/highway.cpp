// Highway of Keras 1 and 2.0: y = t · activation(x · W + b) + (1 − t) · x, with t = sigmoid(x · W_carry + b_carry).
#include "engine/layer.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class Highway final : public Layer {
    Activation activation;
    bool bias = true;
    Initializer init = Initializer::glorot_uniform();

    void config(ConfigIo& io) override {
        io.optional("activation", activation);
        io.optional("bias", bias);
        io.optional("init", init);
        for (const char* key : {"W_regularizer", "b_regularizer", "W_constraint", "b_constraint", "input_dim"})
            io.ignored(key);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const std::int64_t n = known_dim(in[0], 1);
        WeightSpecs specs = {{"W", {n, n}, init}, {"W_carry", {n, n}, init}};
        if (bias) {
            specs.push_back({"b", {n}});
            specs.push_back({"b_carry", {n}, Initializer::ones()});
        }
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == 2, "input must have rank 2, found shape ", in[0]);
        return {activated_shape(activation, in[0])};
    }

    static Tensor dense(const Tensor& x, const Tensor& kernel, const Tensor* bias) {
        Tensor y = Tensor::uninitialized(x.dtype(), x.shape());
        ops::matmul(x, kernel, y);
        if (bias != nullptr) ops::add_bias(y, *bias);
        return y;
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        Tensor gate = dense(x[0], w["W_carry"], bias ? &w["b_carry"] : nullptr);
        ops::apply({.id = Activation::Id::sigmoid}, gate);
        Tensor out = dense(x[0], w["W"], bias ? &w["b"] : nullptr);
        ops::apply(activation, out);
        with_float(out.dtype(), [&]<class T>(Type<T>) {
            const std::span<const T> t = std::as_const(gate).values<T>(), from = x[0].values<T>();
            const std::span<T> values = out.mutable_values<T>();
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = t[i] * values[i] + (1 - t[i]) * from[i];
        });
        y[0] = std::move(out);
    }
};

LAYERCTL_REGISTER_LAYER(Highway);

}  // namespace
}  // namespace layerctl
