// Lambda layers replaced by the operations that their functions call.
#include <map>
#include <set>

#include "api/lambda_calls.hpp"
#include "api/rebuild.hpp"
#include "api/state.hpp"
#include "formats/json/text.hpp"
#include "models/any_value.hpp"
#include "models/redirect.hpp"

namespace layerctl {
namespace {

using dialects::FactsOf;
using expressions::Trace;

bool mentions_lambda(const Value& config) {
    return any_value(config, [](const Value& value) { return value.string_at("class_name") == "Lambda"; });
}

/// Where a layer of the new model comes from.
struct Origin {
    const LayerSpec* layer = nullptr;  // what it was; null for an operation
    const Call* call = nullptr;        // of a Lambda, if it is one of its operations
    OutputSpec outputs;                // of an operation
};

/// A model while its Lambda layers are replaced. Tensors of the old model are found by `place` and `results`.
struct Draft {
    std::shared_ptr<ModelSpec> model;
    std::vector<Origin> origins = {};                                                    // parallel to its layers
    std::vector<std::size_t> place = {};                                                 // of the old layers
    std::map<std::pair<std::size_t, std::size_t>, std::vector<TensorRef>> results = {};  // by Lambda and call

    void add(LayerSpec layer, Origin origin) {
        model->layers.push_back(std::move(layer));
        origins.push_back(std::move(origin));
    }

    TensorRef moved(const TensorRef& reference) const {
        const auto replaced = results.find({reference.layer, reference.node});
        if (replaced != results.end()) return replaced->second.at(reference.tensor);
        return {place[reference.layer], reference.node, reference.tensor};
    }

    /// Operations name each other as they are, and the inputs of their Lambda by number.
    void wire() {
        const auto moves = [&](const TensorRef& reference) { return moved(reference); };
        for (std::size_t i = 0; i < origins.size(); ++i) {
            const std::vector<TensorRef> inputs =
                origins[i].call ? origins[i].call->tensors() : std::vector<TensorRef>();
            const auto of_operation = [&](const TensorRef& reference) {
                return reference.layer == of_lambda ? moved(inputs.at(reference.tensor)) : reference;
            };
            for (Call& call : model->layers[i].calls) {
                if (origins[i].call != nullptr) redirect(call, of_operation);
                else redirect(call, moves);
            }
        }
        redirect(model->inputs, moves);
        redirect(model->outputs, moves);
    }

    static constexpr std::size_t of_lambda = static_cast<std::size_t>(-1);
};

/// All models of a graph, the innermost first.
class Expansion {
public:
    Expansion(const Graph& graph, Problems& problems) : graph_(graph), problems_(problems), facts_(facts_of(graph)) {
        for (std::size_t i = 0; i < graph.layers.size(); ++i) places_.emplace(graph.layers[i].spec, i);
    }

    std::shared_ptr<ModelSpec> expanded(const ModelSpec& model) {
        Draft draft{std::make_shared<ModelSpec>(model)};
        draft.model->layers.clear();
        for (const LayerSpec& layer : model.layers) taken_.insert(layer.name);
        for (const LayerSpec& layer : model.layers) {
            draft.place.push_back(draft.model->layers.size());
            problems_.attempt([&] { in_context(layer_frame(layer), [&] { add(layer, draft); }); });
        }
        if (problems_.empty()) finish(draft);
        return draft.model;
    }

    FactsOf facts() const {
        return
            [this](const LayerSpec& layer, std::size_t node, std::size_t tensor) { return known(layer, node, tensor); };
    }

    bool found() const { return found_; }

private:
    void add(const LayerSpec& layer, Draft& draft) {
        if (layer.class_name == "Lambda") {
            for (std::size_t call = 0; call < layer.calls.size(); ++call)
                draft.results[{draft.place.size() - 1, call}] = add_operations(layer, call, draft);
            found_ = true;
            return;
        }
        LayerSpec kept = layer;
        if (layer.model != nullptr) kept.model = expanded(*layer.model);
        else if (mentions_lambda(layer.config.value()))
            fail(Code::unsupported, "a Lambda layer inside it cannot be replaced");
        draft.add(std::move(kept), {&layer, nullptr, {}});
    }

    /// Those of one call; what its results are.
    std::vector<TensorRef> add_operations(const LayerSpec& layer, std::size_t call, Draft& draft) {
        const LambdaCalls calls(graph_, places_.at(&layer));
        const Trace trace = calls.trace(call);
        const std::size_t first = draft.model->layers.size();
        const auto placed = [&](const TensorRef& reference) {
            return TensorRef{reference.layer == 0 ? Draft::of_lambda : first + reference.layer - 1, 0,
                             reference.tensor};
        };
        for (std::size_t i = 0; i < trace.steps.size(); ++i) {
            const bool is_result = call == 0 && trace.results.size() == 1 && trace.results[0].layer == i + 1;
            const std::string name = is_result ? layer.name : free_name(layer.name);
            LayerSpec made =
                dialects::recorded_call(calls.function_call(trace, trace.steps[i], call), name, draft.model->dialect);
            redirect(made.calls.front(), placed);
            draft.add(std::move(made), {nullptr, &layer.calls[call], trace.steps[i].outputs});
        }
        std::vector<TensorRef> results;
        for (const TensorRef& result : trace.results) results.push_back(placed(result));
        return results;
    }

    std::string free_name(const std::string& name) {
        for (int n = 1;; ++n)
            if (std::string free = cat(name, "_", n); taken_.insert(free).second) return free;
    }

    void finish(Draft& draft) {
        draft.wire();
        ModelSpec& model = *draft.model;
        for (std::size_t i = 0; i < model.layers.size(); ++i) known_.emplace(&model.layers[i], draft.origins[i]);
        if (draft.results.empty()) return;
        if (model.kind == ModelKind::sequential) make_functional(model);
        if (model.dialect != Dialect::keras3) return;
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            LayerSpec& layer = model.layers[i];
            const bool of_tensorflow = draft.origins[i].call != nullptr && layer.config.find("function") != nullptr;
            if (of_tensorflow) problems_.attempt([&] { layer = dialects::operation_of_keras3(layer, model, facts()); });
        }
    }

    /// A Sequential holds layers only.
    void make_functional(ModelSpec& model) {
        model.kind = ModelKind::functional;
        model.class_name = "Functional";
        LayerSpec& input = model.layers.front();
        if (!input.implicit) return;
        const dialects::TensorFacts facts = known(input, 0, 0);
        const char* shape = model.dialect == Dialect::keras3 ? "batch_shape" : "batch_input_shape";
        input.implicit = false;
        input.config = Config({{shape, facts.shape}, {"dtype", facts.dtype}, {"sparse", false}, {"name", input.name}});
    }

    dialects::TensorFacts known(const LayerSpec& layer, std::size_t node, std::size_t tensor) const {
        const Origin& origin = known_.at(&layer);
        if (origin.layer != nullptr) return facts_(*origin.layer, node, tensor);
        return {json_shape(origin.outputs.shapes.at(tensor)), cat(origin.outputs.dtypes.at(tensor))};
    }

    const Graph& graph_;
    Problems& problems_;
    FactsOf facts_;
    std::map<const LayerSpec*, std::size_t> places_;  // in the graph
    std::map<const LayerSpec*, Origin> known_;        // of the layers of the new models
    std::set<std::string> taken_;
    bool found_ = false;
};

}  // namespace

std::shared_ptr<const Model::State> Model::State::with_lambdas_expanded(const State& state) {
    const Graph& graph = *state.graph;
    if (!state.problems.empty()) throw Error(state.problems);
    const Dialect dialect = graph.spec->dialect;
    std::vector<std::string> notes;
    if (dialect == Dialect::keras1) return with_lambdas_expanded(*translated(state, Dialect::keras2, notes));
    refuse_shared_states(graph, "an expansion");
    Problems problems;
    Expansion expansion(graph, problems);
    const std::shared_ptr<ModelSpec> expanded = expansion.expanded(*graph.spec);
    problems.throw_if_any();
    if (!expansion.found()) return std::make_shared<State>(state);
    const Value envelope = dialects::translated(*expanded, dialect, expansion.facts()).envelope;
    auto spec = std::make_shared<ModelSpec>(parse_model(formats::parse_json(to_json(envelope)), dialect));
    spec->metadata = graph.spec->metadata;
    spec->metadata.variant = "code";
    spec->weights.backend = graph.spec->weights.backend;
    spec->weights.optimizer = graph.spec->weights.optimizer;
    return made(rebuilt(graph, spec, "with operations in place of Lambda layers"));
}

}  // namespace layerctl
