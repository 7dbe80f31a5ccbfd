// The functions an expression may call, under the names of keras.ops, TensorFlow, keras.backend and keras.activations.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/expressions/item.hpp"

namespace layerctl::expressions {

using Function = std::function<Item(CallItems items, const Frame& frame)>;

/// "matmul", "ops.matmul", "tf.math.pow", "K.sum", "keras.activations.relu", "len" …; empty if there is none of that
/// name.
Function find_function(const std::string& name);

/// A constant of a library: "tf.float32", "math.pi"; nullopt if there is none of that name.
std::optional<Value> find_library_constant(const std::string& name);

/// Names with the prefix of `name`, for suggestions.
std::vector<std::string> function_names_like(const std::string& name);

}  // namespace layerctl::expressions
