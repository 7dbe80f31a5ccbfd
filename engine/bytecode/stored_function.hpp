// How the configs of Keras hold a compiled function.
#pragma once

#include <optional>
#include <string>

#include "models/value.hpp"

namespace layerctl::bytecode {

struct StoredFunction {
    std::string bytes;  // a marshalled code object
    Value defaults;     // an array or null
    Value captured;     // an array or null
};

/// Of the config's `function` and `function_type`: the list of Keras 2, the text of Keras 1, the `__lambda__` of Keras
/// 3. Nothing if it is something else, such as a name.
std::optional<StoredFunction> stored_function(const Value& function, const std::string& function_type);

}  // namespace layerctl::bytecode
