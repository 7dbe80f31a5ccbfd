// LoRA of Keras 3: a frozen kernel plus a scaled product of two narrow trainable matrices.
#pragma once

#include "engine/layer.hpp"

namespace layerctl {

/// The adapter of one weight, `kernel` or `embeddings`. Files store the weight without the adapter added.
class Lora {
public:
    explicit Lora(std::string weight) : weight_(std::move(weight)) {}

    /// Names lora_rank and lora_alpha. Older versions do not know them.
    void config(ConfigIo& io);

    bool enabled() const { return rank_.has_value(); }

    /// Appends lora_<weight>_a (…, rank) and lora_<weight>_b (rank, columns) for a weight of that shape.
    void add_weights(const Shape& shape, WeightSpecs& specs) const;

    /// The weight to compute with: itself, or weight + alpha / rank · a · b.
    Tensor merged(const Weights& w) const;

    /// a, and y += alpha / rank · reduced · b where `reduced` is x · a: for quantized weights, which nothing is added
    /// to.
    const Tensor& a(const Weights& w) const { return w["lora_" + weight_ + "_a"]; }
    void add_product(const Tensor& reduced, const Weights& w, Tensor& y) const;

private:
    void add_scaled(const Tensor& to, Tensor& product) const;

    std::string weight_;
    std::optional<std::int64_t> rank_;
    std::optional<double> alpha_;  // nothing: the rank
};

}  // namespace layerctl
