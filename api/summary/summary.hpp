// The text of Keras' model.summary(), from a ModelSpec and its Graph.
#pragma once

#include <string>

#include "api/layerctl.hpp"
#include "engine/graph/graph.hpp"

namespace layerctl {

/// Draws the table. `graph` may hold opaque layers: their shapes print as "?", their weights are counted from the file.
std::string summary_text(const Graph& graph, const SummaryOptions& options);

/// The same facts: {"name", "class_name", "keras_version", "layers": [{"name", "class_name", "output_shape", "params",
/// "trainable", "connected_to", …}], "total_params", "trainable_params", "non_trainable_params", …}.
std::string summary_json_text(const Graph& graph);

}  // namespace layerctl
