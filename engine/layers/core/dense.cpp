// Dense: y = activation(x · kernel + bias), along the last axis.
#include "engine/layer.hpp"
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

    void config(ConfigIo& io) override {
        io.required("units", units, positive);
        io.optional("activation", activation);
        io.optional("use_bias", use_bias);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        io.only("quantization_config", nullptr);
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs = {{"kernel", {known_dim(in[0], in[0].rank() - 1), units}, kernel_initializer}};
        if (use_bias) specs.push_back({"bias", {units}, bias_initializer});
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {in[0].with_back(units)};
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        ops::matmul(x[0], w["kernel"], y[0]);
        if (use_bias) ops::add_bias(y[0], w["bias"]);
        ops::apply(activation, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(Dense);

}  // namespace
}  // namespace layerctl
