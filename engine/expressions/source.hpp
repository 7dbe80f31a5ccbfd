// Syntax → text that reads as Python.
#pragma once

#include <string>

#include "engine/expressions/ast.hpp"

namespace layerctl::expressions {

std::string source_of(const Node& node);

/// "lambda x: …", or statements of which the last one returns.
std::string source_of(const std::string& arguments, const Body& body);

}  // namespace layerctl::expressions
