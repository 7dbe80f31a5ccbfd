// The custom-objects file that a model would need, as far as the model file tells.
#pragma once

#include <string>

#include "engine/graph/graph.hpp"

namespace layerctl {

/// Indented JSON, or nothing if every class and function is known.
std::string missing_custom_objects_text(const Graph& graph);

}  // namespace layerctl
