// The quantized dtype policies of Keras 3, as Dense, EinsumDense, Embedding and ReversibleEmbedding follow them.
#pragma once

#include <optional>

#include "engine/dtype_policy.hpp"
#include "engine/layer.hpp"
#include "engine/ops/quantize.hpp"

namespace layerctl {

/// A float matrix that may be kept in integers: as `name`, `name`_scale and, with blocks, `name`_zero and g_idx.
struct StoredMatrix {
    std::string name;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::size_t summed = 0;  // the axis that a product sums over; blocks divide it
    std::size_t packed = 0;  // the axis along which a byte holds two int4 numbers
    bool second = false;     // shares g_idx with the layer's first matrix, and keeps its zeros as floats
};

/// `config.dtype`, kept as read.
struct StoredPolicy {
    Value source;
    DTypePolicy policy;
};

/// `config.quantization_config`: what becomes of the inputs, and the block size of int4.
struct QuantizationConfig {
    std::optional<Value> source;                 // as read; nothing: null or absent
    std::optional<ops::AbsMaxQuantizer> inputs;  // nothing: they stay floats
    std::optional<std::int64_t> block_size;
};

class Quantization {
public:
    /// Names dtype and quantization_config.
    void config(ConfigIo& io);

    bool float8() const { return policy_.policy.quantization == QuantizationMode::float8; }
    bool int4() const { return policy_.policy.quantization == QuantizationMode::int4; }
    bool integers() const { return int4() || policy_.policy.quantization == QuantizationMode::int8; }

    /// Keras 3.14 and later flatten an int4 kernel to a matrix and pack its last axis; before, the axis summed over.
    bool packs_last_axis() const { return policy_.policy.states_block_size; }

    /// Appends the weights that hold the matrix.
    void add_weights(const StoredMatrix& matrix, WeightSpecs& specs) const;

    /// Appends the scales and histories of float8, of which inference reads two scales.
    void add_float8_weights(WeightSpecs& specs) const;

    /// The matrix in floats, or the rows of it that are asked for, which lie within it.
    Tensor dequantized(const StoredMatrix& matrix, const Weights& w) const;
    Tensor dequantized_rows(const StoredMatrix& matrix, const Weights& w, const std::vector<std::int64_t>& rows) const;

    /// `x` after it went through integers or float8, as the policy has it; sums run along the axes `summed`. Without a
    /// quantization_config, int4 of Keras 3.14 and later leaves it alone unless it is `always` quantized.
    Tensor inputs(const Tensor& x, const std::vector<std::size_t>& summed, const Weights& w, bool always = false) const;

    /// The float kernel after it went through float8.
    Tensor float8_kernel(const Weights& w) const;

    /// y += bias, which float8 rounds to bfloat16 where it computes in float32.
    void add_bias(Tensor& y, const Tensor& bias) const;

private:
    std::optional<std::int64_t> block_size() const;
    Tensor dequantized(const StoredMatrix& matrix, Tensor numbers, Tensor scale, Tensor zero, const Weights& w) const;

    StoredPolicy policy_;
    QuantizationConfig config_;
};

}  // namespace layerctl
