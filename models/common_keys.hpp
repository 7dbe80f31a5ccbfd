// Config keys every layer may carry.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace layerctl {

/// They are read by the graph (dtype, trainable) or concern the input layer, naming, training or the writer's own
/// bookkeeping.
inline constexpr std::array<std::string_view, 8> common_keys = {
    "name",
    "trainable",
    "dtype",
    "batch_input_shape",
    "batch_shape",
    "input_dtype",
    "activity_regularizer",
    "__passive_serialization__",
};

inline bool is_common_key(std::string_view key) {
    return std::find(common_keys.begin(), common_keys.end(), key) != common_keys.end();
}

}  // namespace layerctl
