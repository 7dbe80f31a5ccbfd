// Dense: y = activation(x · kernel + bias), along the last axis.
#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/layers/core/quantization.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {
namespace {

class Dense final : public Layer, public CountsMacs, public Lowers {
    std::int64_t units = 0;
    Activation activation;
    bool use_bias = true;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    Lora lora{"kernel"};
    Quantization quantization;

    void config(ConfigIo& io) override {
        io.required("units", units, positive);
        io.optional("activation", activation);
        io.optional("use_bias", use_bias);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        lora.config(io);
        quantization.config(io);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const Shape kernel = {known_dim(in[0], in[0].rank() - 1), units};
        WeightSpecs specs;
        if (quantization.integers()) quantization.add_weights(stored(kernel[0]), specs);
        else specs.push_back({"kernel", kernel, kernel_initializer, !lora.enabled()});
        if (use_bias) specs.insert(specs.begin() + 1, {"bias", {units}, bias_initializer});
        if (quantization.float8()) quantization.add_float8_weights(specs);
        lora.add_weights(kernel, specs);
        return specs;
    }

    StoredMatrix stored(std::int64_t inputs) const {
        return {.name = "kernel",
                .rows = inputs,
                .columns = units,
                .summed = 0,
                .packed = quantization.packs_last_axis() ? 1u : 0u};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {activated_shape(activation, in[0].with_back(units))};
    }

    bool supports_masking() const override { return true; }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        if (lora.enabled()) return {};
        return ops::times(in[0].elements(), units);
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Shape before_activation = x[0].shape().with_back(units);
        if (y[0].shape() != before_activation) y[0] = Tensor::uninitialized(y[0].dtype(), before_activation);
        ops::matmul(quantization.inputs(x[0], {x[0].shape().rank() - 1}, w), kernel(x[0].shape(), w), y[0]);
        if (quantization.integers() && lora.enabled()) add_adapter(x[0], w, y[0]);
        if (use_bias) quantization.add_bias(y[0], w["bias"]);
        ops::apply(activation, y[0]);
    }

    std::optional<Request> lower(const Shapes&, const Weights& w) const override {
        if (quantization.integers() || quantization.float8()) return {};
        return Product{lora.merged(w), use_bias ? w["bias"] : Tensor(), activation};
    }

    void add_adapter(const Tensor& x, const Weights& w, Tensor& y) const {
        Tensor reduced = Tensor::uninitialized(x.dtype(), x.shape().with_back(lora.a(w).shape().back()));
        ops::matmul(x, lora.a(w), reduced);
        lora.add_product(reduced, w, y);
    }

    Tensor kernel(const Shape& in, const Weights& w) const {
        if (quantization.integers()) return quantization.dequantized(stored(in.back()), w);
        return quantization.float8() ? quantization.float8_kernel(w) : lora.merged(w);
    }
};

LAYERCTL_REGISTER_LAYER(Dense);

}  // namespace
}  // namespace layerctl
