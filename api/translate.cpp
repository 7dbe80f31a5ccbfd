// A model as another Keras would have written it: its config translated, its weights handed over.
#include <algorithm>
#include <map>

#include "api/state.hpp"
#include "formats/json/text.hpp"
#include "models/dialects/dialects.hpp"

namespace layerctl {
namespace {

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

/// Keras 2 reads what Keras 1 wrote of it.
void keep_training(const ModelSpec& from, ModelSpec& to) {
    if (from.dialect == Dialect::keras1 && to.dialect == Dialect::keras2) {
        to.metadata.training_config = from.metadata.training_config;
        to.weights.optimizer = from.weights.optimizer;
    } else {
        to.metadata.lost_training = is_compiled(from.metadata);
    }
}

std::shared_ptr<ModelSpec> translated_spec(const Graph& graph, Dialect target, std::vector<std::string>& notes) {
    const dialects::Translation translation = dialects::translated(*graph.spec, target, facts_of(graph));
    for (const std::string& note : translation.notes)
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    const Config envelope = formats::parse_json(to_json(translation.envelope));
    auto spec = std::make_shared<ModelSpec>(parse_model(envelope, target));
    spec->metadata = {"code", std::string(version_written(target)), "tensorflow", ""};
    keep_training(*graph.spec, *spec);
    spec->weights.backend = "tensorflow";
    return spec;
}

}  // namespace

std::shared_ptr<const Model::State> Model::State::translated(const State& state, Dialect target,
                                                             std::vector<std::string>& notes) {
    const Graph& graph = *state.graph;
    if (!state.problems.empty()) throw Error(state.problems);
    if (graph.spec->dialect == target) return std::make_shared<State>(state);
    refuse_shared_states(graph, "a translation");
    Problems problems, refusals;
    Graph other = build_graph(translated_spec(graph, target, notes), graph.custom, problems);
    for (const Error& error : problems.errors())
        refusals.add(
            Error(Code::unsupported, cat("translated for Keras ", static_cast<int>(target), ": ", error.what())));
    refusals.throw_if_any();
    hand_over(graph, other);
    return std::make_shared<State>(State{std::make_shared<Graph>(std::move(other)), {}, true});
}

}  // namespace layerctl
