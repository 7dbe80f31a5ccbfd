// What Attention and AdditiveAttention share: softmax(scores) · value without projections, on [query, value, key].
#pragma once

#include <optional>

#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"

namespace layerctl {

class DenseAttention : public Layer, public CountsMacs {
protected:
    enum Input { query, value, key };

    bool use_scale = false;

    explicit DenseAttention(bool use_scale_by_default) : use_scale(use_scale_by_default) {}

    /// Names the fields both have.
    void shared_config(ConfigIo& io);

    /// (…, queries, keys) for query (…, queries, features) and key (…, keys, features).
    virtual Tensor scores(const Tensor& queries, const Tensor& keys, const Weights& w) const = 0;

    bool returns_scores() const { return return_attention_scores; }
    bool is_causal() const { return use_causal_mask || causal.value_or(false); }

    bool keras3() const { return context().dialect == Dialect::keras3; }

private:
    void call_config(ConfigIo& io) override;
    Shapes compute_output_shape(const Shapes& in) const override;
    DTypes compute_output_dtype(const DTypes&) const override { return {compute_dtype()}; }
    std::optional<std::int64_t> macs(const Shapes& in) const override;
    bool supports_masking() const override { return true; }
    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, Masks(x.size()), w, y); }
    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override;
    Tensor mask_of_scores(const Tensor& value_mask, const Shape& scores) const;

    std::optional<bool> causal;  // of Keras before 2.10: use_causal_mask in every call
    bool use_causal_mask = false;
    bool return_attention_scores = false;
};

/// Σ weight · tanh(inner · (query + key)) over the features, for every pair of a query and a key; `weight` holds one
/// number for all features or one for each.
Tensor tanh_scores(const Tensor& queries, const Tensor& keys, double inner, const Tensor& weight);

}  // namespace layerctl
