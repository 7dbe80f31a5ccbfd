// The masks of the attention layers: which query may look at which value.
#pragma once

#include <optional>

#include "engine/layer.hpp"

namespace layerctl {

/// a AND b with broadcasting; an empty mask lets everything pass.
Tensor masks_and(const Tensor& a, const Tensor& b);

/// True where query position i may look at value position j, as (1, queries, values): j ≤ i if `causal`, and
/// |i − j| < `window` if there is one. Empty if neither.
Tensor position_mask(std::int64_t queries, std::int64_t values, bool causal, std::optional<std::int64_t> window);

/// `mask` with axes of size 1 before its last `kept` ones until it has `rank` axes.
Tensor with_head_axes(const Tensor& mask, std::size_t kept, std::size_t rank);

}  // namespace layerctl
