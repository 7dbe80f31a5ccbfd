// What MultiHeadAttention and GroupedQueryAttention share: softmax(query · key / √size) · value for every head, along
// any axes, between projections of the inputs and one of the result.
#pragma once

#include <optional>

#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class HeadAttention : public Layer, public CountsMacs, public Lowers {
protected:
    enum Input { query, value, key, query_mask, value_mask, key_mask, attention_mask };

    double dropout = 0;
    bool use_bias = true;
    bool use_gate = false;
    std::optional<std::int64_t> sliding_window;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    bool use_causal_mask = false;
    bool return_attention_scores = false;

    /// Heads of the query and the result.
    virtual std::int64_t heads() const = 0;

    /// Heads of key and value, each repeated for the query heads that share it.
    virtual std::int64_t key_value_heads() const { return heads(); }

    /// Features per head, of query and key and of value.
    virtual std::int64_t key_size() const = 0;
    virtual std::int64_t value_size() const { return key_size(); }

    /// The feature axes of the result for a query of that shape.
    virtual Shape output_dims(const Shape& query_shape) const;

    /// Axes of the query that attention runs along.
    virtual std::vector<std::size_t> attended(const Shape& query_shape) const;

    /// Whether an explicit query_mask counts, or only the mask of the query itself.
    virtual bool heeds_query_mask() const { return true; }

    /// Names the fields all of them have.
    void shared_config(ConfigIo& io);

    Shapes compute_output_shape(const Shapes& in) const override;

private:
    void call_config(ConfigIo& io) override;
    std::vector<std::string> call_arguments() const override;
    DType input_dtype(std::size_t i, DType given) const override;
    DTypes compute_output_dtype(const DTypes& in) const override { return {in[0]}; }
    WeightSpecs weights(const Shapes& in) const override;
    std::optional<std::int64_t> macs(const Shapes& in) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;
    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }
    bool supports_masking() const override { return true; }
    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, Masks(x.size()), w, y); }
    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override;

    bool keras3() const { return context().dialect == Dialect::keras3; }
    /// To the compute dtype and back: halves stay as coarse as Keras has them between its steps.
    Tensor rounded(const Tensor& y) const { return y.cast(compute_dtype()).cast(y.dtype()); }

    std::size_t place(Input input) const;
    bool attends_as_kernels_do(const Shapes& in, const std::vector<std::size_t>& axes) const;
    static const Shape& key_shape(const Shapes& in);
    void add_projection(WeightSpecs& specs, const std::string& name, const Shape& from, const Shape& to) const;
    Shape scores_shape(const Shapes& in) const;
    Tensor for_every_head(const Tensor& shared) const;
    Tensor mask_of(const Tensors& x, const Masks& masks) const;
    void normalize(Tensor& scores, const Tensor& mask, std::size_t attended_axes, std::size_t projected_rank) const;
};

}  // namespace layerctl
