// Stored arrays -> declared weights: by position within and across layers, as Keras loads legacy h5
// (formats.md 1.4, 1.5).
#include <algorithm>
#include <optional>

#include "engine/graph/bound_weight.hpp"
#include "engine/layouts/layouts.hpp"

namespace layerctl::binding {
namespace {

std::string_view last_component(std::string_view name) {
    name = name.substr(name.rfind('/') + 1);
    return name.substr(0, name.rfind(':'));
}

/// One of the outer model's layers and what the file holds for it.
class LayerBinder {
public:
    LayerBinder(const Graph& graph, std::size_t top_level, const WeightGroup& group)
        : graph_(graph),
          order_(weight_order(graph, top_level)),
          stored_(layouts::declared(wanted(), group.weights, graph.spec->weights, graph.spec->dialect)) {}

    /// Pairs and checks; throws with both sides listed if they do not fit.
    void match() {
        if (order_.size() != stored_.size())
            fail(Code::weights, "wanted ", order_.size(), " weights, found ", stored_.size(), sides());
        pairing_ = by_position();
        if (!fits()) {
            const std::optional<std::vector<std::size_t>> named = by_name();
            if (named) pairing_ = *named;
        }
        if (!fits()) fail(Code::weights, first_misfit(), order_.size() > 1 ? sides() : "");
        for (std::size_t i = 0; i < order_.size(); ++i) check_dtype(graph_, order_[i], stored_[pairing_[i]]);
    }

    void read(Arrays& arrays) const {
        for (std::size_t i = 0; i < order_.size(); ++i)
            arrays[order_[i].layer][order_[i].weight] = binding::read(graph_, order_[i], stored_[pairing_[i]]);
    }

private:
    std::vector<layouts::Wanted> wanted() const {
        std::vector<layouts::Wanted> all;
        for (const WeightIndex& index : order_)
            all.push_back({&declared(graph_, index), graph_.layers[index.layer].spec});
        return all;
    }

    std::vector<std::size_t> by_position() const {
        std::vector<std::size_t> pairing(order_.size());
        for (std::size_t i = 0; i < pairing.size(); ++i) pairing[i] = i;
        return pairing;
    }

    /// By the last component of the names, if that is unambiguous.
    std::optional<std::vector<std::size_t>> by_name() const {
        std::vector<std::size_t> pairing;
        for (const WeightIndex& index : order_) {
            const auto same = [&](const StoredWeight& stored) {
                return last_component(stored.name) == last_component(declared(graph_, index).name);
            };
            if (std::count_if(stored_.begin(), stored_.end(), same) != 1) return std::nullopt;
            const auto found = std::find_if(stored_.begin(), stored_.end(), same);
            pairing.push_back(static_cast<std::size_t>(found - stored_.begin()));
        }
        std::vector<std::size_t> sorted = pairing;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
        return pairing;
    }

    bool fits(std::size_t i) const {
        return declared(graph_, order_[i]).shape.is_compatible_with(stored_[pairing_[i]].shape);
    }

    bool fits() const {
        for (std::size_t i = 0; i < order_.size(); ++i)
            if (!fits(i)) return false;
        return true;
    }

    std::string first_misfit() const {
        for (std::size_t i = 0; i < order_.size(); ++i)
            if (!fits(i))
                return cat("weight '", last_component(declared(graph_, order_[i]).name), "': wanted shape ",
                           declared(graph_, order_[i]).shape, ", found ", stored_[pairing_[i]].shape);
        return "";
    }

    std::string sides() const {
        std::string text = "; wanted";
        for (const WeightIndex& index : order_)
            text += cat(" ", declared(graph_, index).name, declared(graph_, index).shape);
        text += "; found";
        for (const StoredWeight& stored : stored_) text += cat(" ", stored.name, stored.shape);
        return text;
    }

    const Graph& graph_;
    std::vector<WeightIndex> order_;
    std::vector<StoredWeight> stored_;
    std::vector<std::size_t> pairing_;
};

bool owns_weights(const Graph& graph, std::size_t top_level) { return !weight_order(graph, top_level).empty(); }

/// With the models in it.
bool is_built(const Graph& graph, std::size_t top_level) {
    const std::size_t first = graph.top_level[top_level];
    for (std::size_t i = first; i < graph.layers.size() && graph.layers[i].top_level == top_level; ++i)
        if (!binding::is_built(graph.layers[i])) return false;
    return true;
}

struct Pair {
    std::size_t top_level;
    const WeightGroup* group;
};

std::string names(const std::vector<std::string>& list) {
    std::string text = cat(list.size());
    for (std::size_t i = 0; i < list.size() && i < 12; ++i) text += (i == 0 ? " ('" : "', '") + list[i];
    if (list.size() > 12) text += "', …";
    else if (!list.empty()) text += "'";
    return list.empty() ? text : text + ")";
}

/// With every layer known, positions pair layers and groups that own weights.
std::vector<Pair> pair_by_position(const Graph& graph, const std::vector<const WeightGroup*>& groups) {
    std::vector<std::size_t> owners;
    std::vector<std::string> owner_names;
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        if (owns_weights(graph, i)) {
            owners.push_back(i);
            owner_names.push_back(graph.spec->layers[i].name);
        }
    std::vector<std::string> group_names;
    for (const WeightGroup* group : groups) group_names.push_back(group->layer);
    if (owners.size() != groups.size())
        fail(Code::weights, "wanted weights for ", names(owner_names), " layers, found ", names(group_names));
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < owners.size(); ++i) pairs.push_back({owners[i], groups[i]});
    return pairs;
}

/// With unknown layers among them, names are the only hint; the model cannot run anyway.
std::vector<Pair> pair_by_name(const Graph& graph, const std::vector<const WeightGroup*>& groups) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        for (const WeightGroup* group : groups)
            if (group->layer == graph.spec->layers[i].name && is_built(graph, i)) pairs.push_back({i, group});
    return pairs;
}

std::vector<Pair> pair_layers(const Graph& graph) {
    std::vector<const WeightGroup*> groups;
    for (const WeightGroup& group : graph.spec->weights.groups)
        if (!group.weights.empty()) groups.push_back(&group);
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        if (!is_built(graph, i)) return pair_by_name(graph, groups);
    return pair_by_position(graph, groups);
}

}  // namespace

void by_order(const Graph& graph, Arrays* arrays, Problems& problems) {
    std::vector<Pair> pairs;
    problems.attempt([&] { pairs = pair_layers(graph); });
    for (const Pair& pair : pairs)
        problems.attempt([&] {
            in_context(layer_frame(graph.spec->layers[pair.top_level]), [&] {
                LayerBinder binder(graph, pair.top_level, *pair.group);
                binder.match();
                if (arrays != nullptr) binder.read(*arrays);
            });
        });
}

}  // namespace layerctl::binding
