// Text of the user -> syntax.
#pragma once

#include <string>
#include <string_view>

#include "engine/expressions/ast.hpp"

namespace layerctl::expressions {

/// One expression. Anything outside the subset is Code::config with its column; what is nested too deeply is
/// Code::refused.
Node parse_expression(std::string_view text);

/// "name = expression", "a, b = expression", "return expression" or an expression. `place` goes into the statement.
Statement parse_statement(std::string_view text, std::string place);

}  // namespace layerctl::expressions
