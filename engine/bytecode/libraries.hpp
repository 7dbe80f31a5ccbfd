// The names of libraries in functions: which modules a global may be, and one spelling for each path in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/value.hpp"

namespace layerctl::bytecode {

/// The module that a global of that name is taken for: "tf", "K", "np" …; empty if it is none.
std::string_view module_of(std::string_view global);

/// "tf.keras.backend.mean" as "K.mean", "tf.compat.v2.sin" as "tf.sin" …; `path` begins with a module_of.
std::string canonical(const std::string& path);

/// A constant of a library: "tf.float32", "np.pi", "tf.newaxis" …
std::optional<Value> library_constant(const std::string& path);

/// Whether functions below that path are known: "tf.math".
bool is_module(const std::string& path);

/// Whether the path names something that draws random numbers.
bool is_random(const std::string& path);

/// Whether TensorFlow 1 computed something else under that name.
bool changed_since_tensorflow1(const std::string& path);

}  // namespace layerctl::bytecode
