// Which Keras wrote a file: meanings and defaults of some keys depend on it.
#pragma once

#include <string_view>

namespace layerctl {

/// Major versions with a meaning of their own; tf.keras counts as Keras 2.
enum class Dialect { keras1 = 1, keras2 = 2, keras3 = 3 };

/// From a `keras_version` such as "3.12.0", "2.2.4-tf" or "1.2.2"; anything else reads as Keras 2.
constexpr Dialect dialect_of(std::string_view keras_version) {
    if (keras_version.starts_with("3.")) return Dialect::keras3;
    if (keras_version.starts_with("1.")) return Dialect::keras1;
    return Dialect::keras2;
}

/// The Keras that a file of ours names if nothing else is known of its model.
constexpr std::string_view version_written(Dialect dialect) { return dialect == Dialect::keras3 ? "3.12.0" : "2.15.0"; }

}  // namespace layerctl
