// What Embedding and ReversibleEmbedding share: the row of a table for every id.
#pragma once

#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/layers/core/quantization.hpp"

namespace layerctl {

class BaseEmbedding : public Layer {
protected:
    std::int64_t input_dim = 0;
    std::int64_t output_dim = 0;
    bool mask_zero = false;
    Initializer embeddings_initializer = Initializer::random_uniform();
    Lora lora{"embeddings"};
    Quantization quantization;

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t, DType given) const override { return given; }
    DTypes compute_output_dtype(const DTypes&) const override { return {compute_dtype()}; }
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    Masks compute_mask(const Tensors& x, const Masks& in) const override;

    /// The table as it is kept where it is quantized.
    StoredMatrix stored() const;

private:
    std::vector<std::int64_t> rows_of(const Tensor& ids) const;
};

}  // namespace layerctl
