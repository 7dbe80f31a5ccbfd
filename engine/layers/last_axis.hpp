// Arrays that vary along the last axis alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/ops/transpose.hpp"

namespace layerctl {

/// A number for each of the n elements of the last axis; nothing if the array varies along other axes, or one is not
/// finite.
inline std::optional<Tensor> along_last_axis(const Tensor& array, std::int64_t n) {
    const auto all = static_cast<std::int64_t>(array.elements());
    if (all != 1 && (all != n || array.shape().back() != n)) return {};
    const std::span<const float> values = array.values<float>();
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) return {};
    return ops::broadcast_to(array.reshaped({all}), {n});
}

}  // namespace layerctl
