#include "engine/graph/shared_layers.hpp"

#include <algorithm>
#include <map>

namespace layerctl {
namespace {

/// Keras 3 looks numbers up in archives and in JSON; not beside a legacy h5, which holds weights in every place.
bool has_numbers(const ModelSpec& model) {
    const WeightLayout layout = model.weights.layout;
    return layout == WeightLayout::by_path || (layout != WeightLayout::by_order && model.metadata.variant == "json");
}

/// Goes through the models in the order in which Keras makes layers of their configs. Keras 3 numbers the objects of an
/// archive throughout and those of its legacy h5 not at all. Keras 2 looks a number up within one Functional model, the
/// Sequentials in it included, and forgets all numbers when a Functional model is done; its archives it cannot read
/// again.
class SharedLayers {
public:
    explicit SharedLayers(Graph& graph) : graph_(graph), is_keras3_(graph.spec->dialect == Dialect::keras3) {
        if (!is_keras3_ || has_numbers(*graph.spec)) known_.emplace();
    }

    void find_in(const ModelSpec& model) {
        const bool own_numbers = !is_keras3_ && model.kind == ModelKind::functional;
        if (own_numbers) known_.emplace();
        for (const LayerSpec& layer : model.layers) find(layer, number_of(model, layer));
        if (own_numbers) known_.reset();
    }

private:
    void find(const LayerSpec& spec, const std::int64_t* number) {
        const std::size_t place = next_++;
        const bool numbered = number != nullptr && (is_keras3_ || spec.module.empty());
        if (numbered && known_) {
            const auto first = known_->find(*number);
            if (first != known_->end()) return repeat(first->second, place);
        }
        if (spec.model != nullptr) find_in(*spec.model);
        if (numbered && known_) known_->emplace(*number, place);
    }

    /// It stands beside the layer's config, in the list of the model's.
    static const std::int64_t* number_of(const ModelSpec& model, const LayerSpec& layer) {
        const Value* listed = model.config.value().array() ? &model.config.value() : model.config.find("layers");
        if (listed == nullptr || listed->array() == nullptr || layer.implicit) return nullptr;
        const bool adds_input = model.layers.front().implicit;
        const auto place = static_cast<std::size_t>(&layer - model.layers.data()) - (adds_input ? 1 : 0);
        const bool is_listed = place < listed->array()->size();
        const Value* number = is_listed ? (*listed->array())[place].find("shared_object_id") : nullptr;
        return number == nullptr ? nullptr : number->integer();
    }

    /// A model is repeated with all its layers, which follow it.
    void repeat(std::size_t first, std::size_t place) {
        next_ = place + 1 + layers_below(*graph_.layers[place].spec);
        if (layers_below(*graph_.layers[first].spec) != next_ - place - 1)
            fail(Code::config, layer_frame(graph_.layers[place]), ": has the 'shared_object_id' of another model, ",
                 layer_frame(graph_.layers[first]));
        for (; place < next_; ++place, ++first) graph_.layers[place].same_as = graph_.layers[first].same_as.value_or(first);
    }

    static std::size_t layers_below(const LayerSpec& spec) {
        if (spec.model == nullptr) return 0;
        std::size_t count = spec.model->layers.size();
        for (const LayerSpec& layer : spec.model->layers) count += layers_below(layer);
        return count;
    }

    Graph& graph_;
    bool is_keras3_;
    std::optional<std::map<std::int64_t, std::size_t>> known_;
    std::size_t next_ = 0;
};

bool same_weights(const WeightSpecs& a, const WeightSpecs& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const WeightSpec& x, const WeightSpec& y) {
        return x.name == y.name && x.shape == y.shape && x.dtype == y.dtype;
    });
}

}  // namespace

void find_shared_layers(Graph& graph) { SharedLayers(graph).find_in(*graph.spec); }

void check_shared_layers(const Graph& graph, Problems& problems) {
    for (const GraphLayer& layer : graph.layers) {
        if (!layer.same_as || !layer.built) continue;
        const GraphLayer& first = graph.layers[*layer.same_as];
        if (first.built && first.spec->class_name == layer.spec->class_name &&
            same_weights(first.declared, layer.declared))
            continue;
        problems.add(Error(Code::config, cat(layer_frame(layer), ": has the 'shared_object_id' of ", layer_frame(first),
                                             ", but not its weights")));
    }
}

std::size_t owner_of(const Graph& graph, std::size_t layer) { return graph.layers[layer].same_as.value_or(layer); }

void refuse_shared_states(const Graph& graph, std::string_view where) {
    for (const GraphLayer& layer : graph.layers) {
        const Value* stateful = layer.same_as ? layer.spec->config.find("stateful") : nullptr;
        if (stateful != nullptr && *stateful == Value(true))
            fail(Code::unsupported, layer_frame(layer), ": shares its states with ",
                 layer_frame(graph.layers[*layer.same_as]), ", and ", where, " does not keep that");
    }
}

void share_weights(Graph& graph) {
    for (GraphLayer& layer : graph.layers) {
        if (!layer.same_as) continue;
        layer.weights = graph.layers[*layer.same_as].weights;
        layer.run_weights = graph.layers[*layer.same_as].run_weights;
    }
}

}  // namespace layerctl
