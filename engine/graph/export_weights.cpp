// Declared weights -> a WeightStore in the layout of a file, the opposite of bind_weights.
#include <algorithm>
#include <array>

#include "engine/graph/bound_weight.hpp"
#include "engine/own_variables.hpp"
#include "models/object_names.hpp"

namespace layerctl {
namespace {

using binding::declared;

StoredWeight stored(std::string name, const Tensor& tensor) {
    return {std::move(name), tensor.dtype(), tensor.shape(), [tensor] { return tensor; }};
}

StoredWeight stored(const Graph& graph, const WeightIndex& index, std::string name) {
    return stored(std::move(name), graph.layers[index.layer].weights.tensor(index.weight));
}

/// Attributes that Keras does not name as the weights below them.
struct Attribute {
    std::string_view part, keras2, keras3;
};
constexpr std::array<Attribute, 5> attributes = {{
    {"query", "_query_dense", "query_dense"},
    {"key", "_key_dense", "key_dense"},
    {"value", "_value_dense", "value_dense"},
    {"attention_output", "_output_dense", "output_dense"},
    {"gate", "_gate_dense", "_gate_dense"},
}};

/// GroupQueryAttention keeps its parts private in Keras 3, too.
std::string attribute_of(std::string_view part, const std::string& class_name, Dialect dialect) {
    const bool is_private =
        dialect != Dialect::keras3 || class_name == "GroupQueryAttention" || class_name == "GroupedQueryAttention";
    for (const Attribute& attribute : attributes)
        if (attribute.part == part) return std::string(is_private ? attribute.keras2 : attribute.keras3);
    return std::string(part);
}

/// The layer and the parts inside it on the way to the owner of a weight.
std::vector<binding::Part> parts_to(std::string_view owner, binding::Part layer, const Graph& graph) {
    std::vector<binding::Part> parts = {std::move(layer)};
    while (!owner.empty()) {
        const std::string name(owner.substr(0, owner.find('/')));
        const binding::Part& whole = parts.back();
        const auto listed = binding::part_in_list(whole, name, graph.custom.get());
        const std::string attribute = attribute_of(name, whole.class_name, graph.spec->dialect);
        parts.push_back(listed ? *listed : binding::part_at(whole, name, attribute));
        owner.remove_prefix(std::min(name.size() + 1, owner.size()));
    }
    return parts;
}

/// The weights of one layer by object, in the order of the declaration, trainable ones first.
class ObjectExport {
public:
    ObjectExport(const Graph& graph, std::vector<WeightGroup>& groups) : graph_(graph), groups_(groups) {}

    void model(const ModelSpec& model, const std::string& path) {
        const std::vector<std::string> names = layer_object_names(model, graph_.custom.get());
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            const std::string object = join_path(join_path(path, "layers"), names[i]);
            const GraphLayer& layer = graph_.layers[next_];
            if (!layer.same_as) in_context(layer_frame(layer), [&] { this->layer(next_, object); });
            ++next_;
            if (layer.spec->model != nullptr) this->model(*layer.spec->model, object);
        }
    }

private:
    void layer(std::size_t index, const std::string& path) {
        const auto node = std::ranges::find(graph_.nodes, index, &Node::layer);
        const Weights& weights = graph_.layers[index].weights;
        const auto own = node == graph_.nodes.end() ? NamedVariables() : own_variables(*node->object, weights);
        for (const auto& [name, tensor] : own) {
            const std::string object = join_path(path, std::string(binding::object_of(name)));
            const std::string_view own_name = std::string_view(name).substr(name.rfind('/') + 1);
            groups_.push_back({object, {stored(cat(object, "/vars/", own_name), tensor)}});
        }
        if (own.empty()) numbered(index, path);
    }

    void numbered(std::size_t index, const std::string& path) {
        const GraphLayer& layer = graph_.layers[index];
        const LayerSpec& spec = *layer.spec;
        std::vector<WeightIndex> order;
        for (std::size_t i = 0; i < layer.declared.size(); ++i) order.push_back({index, i});
        binding::sort_as_stored(graph_, order);
        const std::size_t first = groups_.size();
        for (const WeightIndex& weight : order) {
            const std::string& name = declared(graph_, weight).name;
            if (binding::is_low_rank(declared(graph_, weight)))
                fail(Code::unsupported, "a low-rank update is not merged into its kernel");
            const std::string_view owner = spec.class_name == "DenseFeatures" ? "" : binding::object_of(name);
            const auto parts = parts_to(owner, {path, spec.class_name, &spec.config.value()}, graph_);
            if (is_held_by_normalization(parts, name)) add(first, parts[parts.size() - 2].path, weight);
            add(first, parts.back().path, weight);
        }
    }

    /// SpectralNormalization holds on to the kernel it normalizes, before its own vector.
    static bool is_held_by_normalization(const std::vector<binding::Part>& parts, std::string_view weight) {
        if (parts.size() < 2 || parts[parts.size() - 2].class_name != "SpectralNormalization") return false;
        const std::string_view own_name = weight.substr(weight.rfind('/') + 1);
        return own_name == "kernel" || own_name == "embeddings";
    }

    void add(std::size_t first, const std::string& object, const WeightIndex& weight) {
        const auto begin = groups_.begin() + static_cast<std::ptrdiff_t>(first);
        auto group = std::find_if(begin, groups_.end(), [&](const WeightGroup& g) { return g.layer == object; });
        if (group == groups_.end()) group = groups_.insert(groups_.end(), {object, {}});
        const std::string name = cat(object, object.empty() ? "" : "/", "vars/", group->weights.size());
        group->weights.push_back(stored(graph_, weight, name));
    }

    const Graph& graph_;
    std::vector<WeightGroup>& groups_;
    std::size_t next_ = 0;
};

WeightStore export_by_order(const Graph& graph) {
    if (graph.spec->dialect == Dialect::keras3) refuse_shared_states(graph, "the legacy h5 of Keras 3");
    WeightStore store;
    store.layout = WeightLayout::by_order;
    const char* suffix = graph.spec->dialect == Dialect::keras3 ? "" : ":0";
    for (std::size_t i = 0; i < graph.top_level.size(); ++i) {
        if (graph.spec->layers[i].implicit) continue;
        WeightGroup group{graph.spec->layers[i].name, {}};
        for (const WeightIndex& weight : weight_order(graph, i)) {
            const GraphLayer& layer = graph.layers[weight.layer];
            const std::string& name = declared(graph, weight).name;
            if (name.ends_with("_amax_history"))
                fail(Code::unsupported, layer_frame(layer), ": float8 weights have no place in the legacy h5 format");
            group.weights.push_back(stored(graph, weight, cat(layer.path, "/", name, suffix)));
        }
        store.groups.push_back(std::move(group));
    }
    return store;
}

/// Keras 2 passes over a shared object when it counts names, but not when it reads them.
void refuse_shared(const Graph& graph) {
    if (graph.spec->dialect == Dialect::keras3) return;
    for (const GraphLayer& layer : graph.layers)
        if (layer.same_as && !layer.declared.empty())
            fail(Code::unsupported, layer_frame(layer), ": is the same as ", layer_frame(graph.layers[*layer.same_as]),
                 ", which Keras 2 cannot read from an archive");
}

WeightStore export_by_path(const Graph& graph) {
    refuse_shared(graph);
    WeightStore store;
    store.layout = WeightLayout::by_path;
    ObjectExport(graph, store.groups).model(*graph.spec, "");
    return store;
}

WeightStore export_by_name(const Graph& graph) {
    WeightStore store;
    store.layout = WeightLayout::by_name;
    WeightGroup& group = store.groups.emplace_back();
    for (std::size_t layer = 0; layer < graph.layers.size(); ++layer)
        for (std::size_t weight = 0; !graph.layers[layer].same_as && weight < graph.layers[layer].declared.size();
             ++weight)
            group.weights.push_back(stored(graph, {layer, weight}, binding::full_name(graph, {layer, weight})));
    return store;
}

}  // namespace

WeightStore export_weights(const Graph& graph, WeightLayout layout) {
    if (layout == WeightLayout::by_name) return export_by_name(graph);
    return layout == WeightLayout::by_path ? export_by_path(graph) : export_by_order(graph);
}

}  // namespace layerctl
