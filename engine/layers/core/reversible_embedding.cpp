// ReversibleEmbedding: an Embedding that a call with `reverse` turns around: vectors · embeddingsᵀ, or vectors times a
// matrix of its own if the weights are not tied.
#include <cmath>

#include "engine/layers/core/base_embedding.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// A dtype or null.
struct OptionalDType {
    std::optional<DType> dtype;
};

}  // namespace

template <>
struct ConfigField<OptionalDType> {
    static std::string wanted(const OptionalDType&) { return "a floating dtype or null"; }
    static bool read(const Value& value, OptionalDType& out, Dialect) {
        out.dtype.reset();
        if (value.string() != nullptr) out.dtype = parse_dtype(*value.string());
        return value.is_null() || (out.dtype && is_floating(*out.dtype));
    }
    static Value write(const OptionalDType& field) {
        return field.dtype ? Value(std::string(dtype_name(*field.dtype))) : Value();
    }
};

namespace {

class ReversibleEmbedding final : public BaseEmbedding {
    bool tie_weights = true;
    OptionalDType reverse_dtype;
    std::optional<double> logit_soft_cap;
    bool reverse = false;

    void config(ConfigIo& io) override {
        BaseEmbedding::config(io);
        io.optional("tie_weights", tie_weights);
        io.optional("reverse_dtype", reverse_dtype);
        io.optional("logit_soft_cap", logit_soft_cap);
    }

    void call_config(ConfigIo& io) override { io.optional("reverse", reverse); }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs = BaseEmbedding::weights(in);
        if (tie_weights) return specs;
        if (quantization.integers()) quantization.add_weights(stored_reverse(), specs);
        else specs.push_back({"reverse_embeddings", {output_dim, input_dim}, embeddings_initializer});
        return specs;
    }

    StoredMatrix stored_reverse() const {
        return {.name = "reverse_embeddings",
                .rows = output_dim,
                .columns = input_dim,
                .summed = 0,
                .packed = 0,
                .second = true};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (!reverse) return BaseEmbedding::compute_output_shape(in);
        require(in[0].rank() >= 1 && Shape{output_dim}.is_compatible_with({in[0].back()}), "wanted vectors of size ",
                output_dim, ", found shape ", in[0]);
        return {in[0].with_back(input_dim)};
    }

    DType input_dtype(std::size_t i, DType given) const override {
        return reverse ? Layer::input_dtype(i, given) : given;
    }

    DTypes compute_output_dtype(const DTypes&) const override { return {reverse ? logit_dtype() : compute_dtype()}; }

    /// Quantized weights leave the reverse_dtype aside.
    DType logit_dtype() const {
        return quantization.integers() ? compute_dtype() : reverse_dtype.dtype.value_or(compute_dtype());
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        if (!reverse) return BaseEmbedding::call(x, w, y);
        const auto rounded = [&](const Tensor& tensor) {
            return quantization.integers() ? tensor : tensor.cast(logit_dtype()).cast(y[0].dtype());
        };
        const Tensor vectors = quantization.inputs(x[0], {x[0].shape().rank() - 1}, w, true);
        ops::matmul(rounded(vectors), rounded(kernel(w)), y[0]);
        if (logit_soft_cap) cap(y[0], *logit_soft_cap);
    }

    Tensor kernel(const Weights& w) const {
        if (!tie_weights)
            return quantization.integers() ? quantization.dequantized(stored_reverse(), w) : w["reverse_embeddings"];
        return ops::transpose(quantization.integers() ? quantization.dequantized(stored(), w) : lora.merged(w), {1, 0});
    }

    /// limit · tanh(y / limit)
    static void cap(Tensor& y, double limit) {
        with_float(y.dtype(), [&]<class T>(Type<T>) {
            for (T& logit : y.mutable_values<T>())
                logit = std::tanh(logit / static_cast<T>(limit)) * static_cast<T>(limit);
        });
    }

    Masks compute_mask(const Tensors& x, const Masks& in) const override {
        return reverse ? Masks{Tensor()} : BaseEmbedding::compute_mask(x, in);
    }
};

LAYERCTL_REGISTER_LAYER(ReversibleEmbedding);

}  // namespace
}  // namespace layerctl
