// layerctl inspect --lambda: the functions of Lambda layers.
#pragma once

#include "cli/commands.hpp"
#include "models/contents.hpp"

namespace layerctl::cli {

int print_lambdas(const Inspect& command, const Contents& contents);

}  // namespace layerctl::cli
