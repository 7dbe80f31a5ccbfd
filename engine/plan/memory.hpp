// Where the values of edges lie in one block of memory, each for as long as it is read.
#pragma once

#include "engine/plan/plan.hpp"

namespace layerctl::plan {

/// Places the outputs of steps with a kernel, and says where they are read last. Those that pass their input on become
/// aliases where that lies in the block.
void place_edges(const Graph& graph, Plan& plan);

}  // namespace layerctl::plan
