// JSON of the user -> definitions.
#pragma once

#include "engine/layers/custom/definitions.hpp"
#include "engine/layers/custom/reader.hpp"

namespace layerctl::custom {

/// Constants and functions of the whole file, as programs see them.
struct Globals {
    std::function<std::optional<Value>(const std::string&)> constant;
    std::function<std::shared_ptr<const expressions::UserFunction>(const std::string&)> function;
    std::vector<std::string> function_names;
};

LayerDefinition read_layer(const Part& part, const Globals& globals);
LayerDefinition read_cell(const Part& part, const Globals& globals);

/// A text, or {"inputs", "config", "call"}.
std::shared_ptr<const expressions::UserFunction> read_function(const Part& part, const Globals& globals);

}  // namespace layerctl::custom
