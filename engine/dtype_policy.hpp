// The dtype policy of a layer: which dtype it computes in, which its weights are kept in, how they are quantized.
#pragma once

#include <cstdint>
#include <optional>

#include "models/config.hpp"
#include "models/dtype.hpp"

namespace layerctl {

enum class QuantizationMode { none, int8, int4, float8 };

struct DTypePolicy {
    DType compute = DType::float32;
    DType variable = DType::float32;
    QuantizationMode quantization = QuantizationMode::none;
    bool states_block_size = false;               // of int4: since Keras 3.14, which packs kernels along another axis
    std::optional<std::int64_t> block_size = {};  // of int4; nothing: a scale per channel
    std::int64_t amax_history_length = 1024;      // of float8
};

/// Reads a `dtype`: a dtype name, "mixed_float16", "int8_from_float32", a Policy, DTypePolicy or quantized policy
/// object, or null (float32). GPTQ, AWQ and unknown policies are Code::unsupported.
DTypePolicy dtype_policy(const Value& dtype);

/// That of a layer with this config.
DTypePolicy dtype_policy(const Config& config);

}  // namespace layerctl
