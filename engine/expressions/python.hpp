// Python's operators between values that are no tensors.
#pragma once

#include <string>

#include "engine/expressions/item.hpp"

namespace layerctl::expressions {

/// Whether "if", "and", "or" and "not" take the item for true. A tensor is Code::unsupported: its numbers are not known
/// when shapes are worked out.
bool truth_of(const Item& item);

/// `symbol` is "-", "+" or "not".
Item python_unary(const std::string& symbol, const Item& x);

/// An operator of arithmetic or comparison, "is" or "is not"; integers beyond 64 bits are Code::refused.
Item python_binary(const std::string& symbol, const Item& x, const Item& y);

/// An element or a slice of a sequence.
Item python_subscript(const Item& sequence, const Item& key);

}  // namespace layerctl::expressions
