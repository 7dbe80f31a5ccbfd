#include "api/rebuild.hpp"

#include <map>

namespace layerctl {
namespace {

/// By name; where the versions name them differently, by their place.
Tensors handed_over(const GraphLayer& from, const GraphLayer& to) {
    Tensors weights;
    for (std::size_t i = 0; i < to.declared.size(); ++i) {
        const WeightSpec& wanted = to.declared[i];
        std::size_t place = 0;
        while (place < from.weights.size() && from.weights.name(place) != wanted.name) ++place;
        if (place == from.weights.size() && from.weights.size() == to.declared.size()) place = i;
        if (place == from.weights.size())
            fail(Code::unsupported, "its weight '", wanted.name, "' is not in the model that is translated");
        const Tensor& tensor = from.weights.tensor(place);
        if (!wanted.shape.is_compatible_with(tensor.shape()))
            fail(Code::unsupported, "its weight '", wanted.name, "' has another shape in the other Keras: wanted ",
                 wanted.shape, ", found ", tensor.shape());
        weights.push_back(tensor.cast(wanted.dtype.value_or(to.policy.variable)));
    }
    return weights;
}

void hand_over(const Graph& from, Graph& to) {
    std::map<std::string, const GraphLayer*> known;
    for (const GraphLayer& layer : from.layers) known.emplace(layer.path, &layer);
    for (GraphLayer& layer : to.layers) {
        if (layer.declared.empty()) continue;
        const auto found = known.find(layer.path);
        if (found == known.end()) fail(Code::internal, "a translated model with the new layer '", layer.path, "'");
        in_context(layer_frame(layer), [&] { set_layer_weights(layer, handed_over(*found->second, layer)); });
    }
}

}  // namespace

Value json_shape(const std::optional<Shape>& shape) {
    Value::Array dims;
    if (!shape) return dims;
    for (const std::int64_t dim : *shape) dims.push_back(dim < 0 ? Value() : Value(dim));
    return dims;
}

dialects::FactsOf facts_of(const Graph& graph) {
    std::map<const LayerSpec*, const GraphLayer*> layers;
    for (const GraphLayer& layer : graph.layers) layers.emplace(layer.spec, &layer);
    return [&graph, layers](const LayerSpec& spec, std::size_t node, std::size_t tensor) {
        const std::vector<CallEdges>& calls = layers.at(&spec)->calls;
        if (node >= calls.size() || tensor >= calls[node].outputs.size())
            fail(Code::internal, "a call without edges of ", layer_frame(spec));
        const Edge& edge = graph.edges[calls[node].outputs[tensor]];
        return dialects::TensorFacts{json_shape(edge.shape), cat(edge.dtype)};
    };
}

Graph rebuilt(const Graph& graph, std::shared_ptr<const ModelSpec> spec, const std::string& how) {
    Problems problems, refusals;
    Graph other = build_graph(std::move(spec), graph.custom, problems);
    for (const Error& error : problems.errors()) refusals.add(Error(Code::unsupported, cat(how, ": ", error.what())));
    refusals.throw_if_any();
    hand_over(graph, other);
    return other;
}

}  // namespace layerctl
