// A model as another Keras would have written it.
#include <algorithm>

#include "api/rebuild.hpp"
#include "api/state.hpp"
#include "formats/json/text.hpp"

namespace layerctl {
namespace {

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
    return made(
        rebuilt(graph, translated_spec(graph, target, notes), cat("translated for Keras ", static_cast<int>(target))));
}

}  // namespace layerctl
