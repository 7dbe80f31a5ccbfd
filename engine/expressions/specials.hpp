// Functions that are no operation of the table by themselves: of Python, and of libraries where they read shapes.
#pragma once

#include <string>
#include <string_view>

#include "engine/expressions/functions.hpp"

namespace layerctl::expressions {

enum class Library { ops, tf, backend, activations, python };

/// The function of that library; empty if it is none of these. Python's have no prefix.
Function find_special(Library library, const std::string& prefix, std::string_view function);

/// The only argument of a call.
const Item& only_argument(const CallItems& items);

}  // namespace layerctl::expressions
