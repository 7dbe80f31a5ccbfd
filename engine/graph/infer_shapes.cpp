// Shapes of a built graph for inputs of given shapes.
#include "engine/graph/graph.hpp"

namespace layerctl {
namespace {

Shapes of_inputs(const Node& node, const Shapes& edges) {
    Shapes in;
    for (const EdgeId edge : node.inputs) in.push_back(edge == no_edge ? Shape() : edges[edge]);
    return in;
}

/// Runs `action` for every node with the frame of its layer, which is worded only when it is needed.
template <class Action>
void for_each_node(const Graph& graph, const Action& action) {
    for (const Node& node : graph.nodes) {
        try {
            action(node);
        } catch (Error& error) {
            error.push_context(layer_frame(graph.layers[node.layer]));
            throw;
        }
    }
}

}  // namespace

Shapes edge_shapes(const Graph& graph, const Shapes& inputs) {
    Shapes edges(graph.edges.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) edges[graph.inputs[i].edge] = inputs[i];
    for_each_node(graph, [&](const Node& node) {
        const Shapes out = node.object->compute_output_shape(of_inputs(node, edges));
        for (std::size_t k = 0; k < out.size(); ++k) edges[node.outputs[k]] = out[k];
    });
    return edges;
}

std::map<std::size_t, Shapes> state_shapes(const Graph& graph, const Shapes& edges) {
    std::map<std::size_t, Shapes> shapes;
    for_each_node(graph, [&](const Node& node) {
        Shapes own = node.object->state_shapes(of_inputs(node, edges));
        if (!own.empty()) shapes.emplace(owner_of(graph, node.layer), std::move(own));
    });
    return shapes;
}

}  // namespace layerctl
