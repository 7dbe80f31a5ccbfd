// A model in other words, with the same weights. Internal to api.
#pragma once

#include "engine/graph/graph.hpp"
#include "models/dialects/dialects.hpp"

namespace layerctl {

/// As a config has it, open dimensions null.
Value json_shape(const std::optional<Shape>& shape);

/// The tensors between the layers of a graph.
dialects::FactsOf facts_of(const Graph& graph);

/// The model that `spec` describes, with the weights that the layers of the same paths have in `graph`. What does not
/// build is Code::unsupported, after `how`: "translated for Keras 3".
Graph rebuilt(const Graph& graph, std::shared_ptr<const ModelSpec> spec, const std::string& how);

}  // namespace layerctl
