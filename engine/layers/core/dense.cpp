// Dense: y = activation(x · kernel + bias), along the last axis.
#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/matmul.hpp"

namespace layerctl {
namespace {

class Dense final : public Layer {
    std::int64_t units = 0;
    Activation activation;
    bool use_bias = true;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    Lora lora{"kernel"};

    void config(ConfigIo& io) override {
        io.required("units", units, positive);
        io.optional("activation", activation);
        io.optional("use_bias", use_bias);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        lora.config(io);
        io.only("quantization_config", nullptr);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const Shape kernel = {known_dim(in[0], in[0].rank() - 1), units};
        WeightSpecs specs = {{"kernel", kernel, kernel_initializer, !lora.enabled()}};
        if (use_bias) specs.push_back({"bias", {units}, bias_initializer});
        lora.add_weights(kernel, specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {activated_shape(activation, in[0].with_back(units))};
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Shape before_activation = x[0].shape().with_back(units);
        if (y[0].shape() != before_activation) y[0] = Tensor::uninitialized(y[0].dtype(), before_activation);
        ops::matmul(x[0], lora.merged(w), y[0]);
        if (use_bias) ops::add_bias(y[0], w["bias"]);
        ops::apply(activation, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(Dense);

}  // namespace
}  // namespace layerctl
