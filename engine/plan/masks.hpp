// What becomes of masks where kernels compute.
#pragma once

#include "engine/plan/plan.hpp"

namespace layerctl::plan {

/// Says for every node of a step, all of which lower, what it does with masks.
void add_masks(const Graph& graph, Step& step);

}  // namespace layerctl::plan
