// Where the values of edges lie in one block of memory, each for as long as it is read.
#pragma once

#include "engine/plan/plan.hpp"

namespace layerctl::plan {

/// Places the outputs of steps with a kernel. `passes` says which steps only pass their input on: they become aliases
/// where the input lies in the block.
void place_edges(const Graph& graph, Plan& plan, const std::vector<bool>& passes);

}  // namespace layerctl::plan
