// Layers that a file describes in several models and Keras makes one object of. Internal to engine.
#pragma once

#include "engine/graph/graph.hpp"

namespace layerctl {

/// Sets GraphLayer::same_as, once all layers are registered.
void find_shared_layers(Graph& graph);

/// Weights that an object was called for in one place must be those of its other places.
void check_shared_layers(const Graph& graph, Problems& problems);

}  // namespace layerctl
