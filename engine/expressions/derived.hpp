// Functions that are written in terms of others.
#pragma once

#include <string>

#include "engine/expressions/specials.hpp"

namespace layerctl::expressions {

/// Empty if there is none of that name.
Function find_derived(Library library, const std::string& function);

}  // namespace layerctl::expressions
