// The dtype policy of a layer: which dtype it computes in and which its weights are kept in.
#pragma once

#include "models/config.hpp"
#include "models/dtype.hpp"

namespace layerctl {

struct DTypePolicy {
    DType compute = DType::float32;
    DType variable = DType::float32;
};

/// Reads `config.dtype`: a dtype name, "mixed_float16", a Policy or DTypePolicy object, or nothing (float32).
/// Quantized and unknown policies are Code::unsupported.
DTypePolicy dtype_policy(const Config& config);

}  // namespace layerctl
