// Symbols → syntax.
#pragma once

#include "engine/bytecode/machine.hpp"
#include "engine/expressions/ast.hpp"

namespace layerctl::bytecode {

/// A body that returns `result`. What several operations read is a statement of its own, worked out when it is first
/// read, so that nothing is computed twice and nothing that the way taken does not need.
expressions::Body body_of(const SymbolPtr& result, const SymbolNames& names, const std::string& variable);

}  // namespace layerctl::bytecode
