// Functions that are written in terms of others.
#pragma once

#include <string>

#include "engine/expressions/specials.hpp"
#include "engine/ops/table/op.hpp"

namespace layerctl::expressions {

/// Empty if there is none of that name.
Function find_derived(Library library, const std::string& function);

/// An operation that no layer records, in terms of those that are; empty for any other.
Function find_spelled_out(const ops::Op& op);

}  // namespace layerctl::expressions
