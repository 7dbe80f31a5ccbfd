// Stored arrays -> declared weights: by position within and across layers, as Keras loads legacy h5
// (formats.md 1.4, 1.5); with by_name, layers find their groups by their names.
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
    LayerBinder(Binding& binding, std::size_t top_level, const WeightGroup& group)
        : binding_(binding),
          graph_(binding.graph),
          order_(weight_order(graph_, top_level)),
          stored_(layouts::declared(wanted(), group.weights, binding.store, graph_.spec->dialect)),
          pairing_(by_position()) {}

    /// Pairs, checks and takes; throws with both sides listed if they do not fit and mismatches are not skipped.
    void bind() {
        const bool skip = binding_.graft.skip_mismatch;
        if (!skip && order_.size() == stored_.size() && !fits()) pairing_ = by_name().value_or(pairing_);
        align();
        if (order_.size() != stored_.size()) {
            // Keras skips such a layer when it goes by names only.
            if (skip && binding_.graft.pairing == WeightPairing::by_name) return;
            fail(Code::weights, "wanted ", order_.size(), " weights, found ", stored_.size(), sides());
        }
        if (!skip && !fits()) fail(Code::weights, first_misfit(), order_.size() > 1 ? sides() : "");
        for (std::size_t i = 0; i < order_.size(); ++i) check_dtype(graph_, order_[i], stored_[pairing_[i]]);
        for (std::size_t i = 0; i < order_.size(); ++i)
            if (fits(i)) take(binding_, order_[i], stored_[pairing_[i]]);
    }

private:
    void align() const {
        const std::string_view problem = order_.size() == stored_.size() ? "" : "count";
        const bool by_layer_name = binding_.graft.pairing == WeightPairing::by_name;
        const std::string_view by = pairing_ != by_position() ? "name" : by_layer_name ? "layer name" : "position";
        for (std::size_t i = 0; i < std::max(order_.size(), stored_.size()); ++i)
            binding::align(binding_, i < order_.size() ? &order_[i] : nullptr,
                           i < stored_.size() ? &stored_[i < pairing_.size() ? pairing_[i] : i] : nullptr,
                           by, problem);
    }

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

    Binding& binding_;
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

/// Nothing where one side has no more.
struct Pair {
    std::optional<std::size_t> top_level;
    const WeightGroup* group;
};

using Groups = std::vector<const WeightGroup*>;

std::string names(const std::vector<std::string>& list) {
    std::string text = cat(list.size());
    for (std::size_t i = 0; i < list.size() && i < 12; ++i) text += (i == 0 ? " ('" : "', '") + list[i];
    if (list.size() > 12) text += "', …";
    else if (!list.empty()) text += "'";
    return list.empty() ? text : text + ")";
}

std::vector<std::size_t> owners(const Graph& graph) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        if (owns_weights(graph, i)) found.push_back(i);
    return found;
}

/// Layers and groups that own weights.
std::vector<Pair> pair_by_position(const Graph& graph, const Groups& groups) {
    const std::vector<std::size_t> layers = owners(graph);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < std::max(layers.size(), groups.size()); ++i)
        pairs.push_back({i < layers.size() ? std::optional(layers[i]) : std::nullopt,
                         i < groups.size() ? groups[i] : nullptr});
    return pairs;
}

void require_as_many(const Graph& graph, const Groups& groups) {
    std::vector<std::string> owner_names, group_names;
    for (const std::size_t layer : owners(graph)) owner_names.push_back(graph.spec->layers[layer].name);
    for (const WeightGroup* group : groups) group_names.push_back(group->layer);
    if (owner_names.size() != group_names.size())
        fail(Code::weights, "wanted weights for ", names(owner_names), " layers, found ", names(group_names));
}

/// Namesakes, of which one has weights; then the groups without one.
std::vector<Pair> pair_by_name(const Graph& graph, const std::vector<WeightGroup>& groups) {
    std::vector<Pair> pairs;
    std::vector<const WeightGroup*> left;
    for (const WeightGroup& group : groups) left.push_back(&group);
    for (std::size_t i = 0; i < graph.top_level.size(); ++i) {
        const auto namesake = std::find_if(left.begin(), left.end(), [&](const WeightGroup* group) {
            return group->layer == graph.spec->layers[i].name;
        });
        const WeightGroup* group = namesake == left.end() ? nullptr : *namesake;
        if (owns_weights(graph, i) || (group != nullptr && !group->weights.empty())) pairs.push_back({i, group});
        if (namesake != left.end()) left.erase(namesake);
    }
    for (const WeightGroup* group : left) pairs.push_back({std::nullopt, group});
    return pairs;
}

/// With unknown layers among them, names are the only hint; the model cannot run anyway.
std::vector<Pair> pair_known_by_name(const Graph& graph, const Groups& groups) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        for (const WeightGroup* group : groups)
            if (group->layer == graph.spec->layers[i].name && is_built(graph, i)) pairs.push_back({i, group});
    return pairs;
}

bool is_built(const Graph& graph) {
    for (std::size_t i = 0; i < graph.top_level.size(); ++i)
        if (!is_built(graph, i)) return false;
    return true;
}

std::vector<Pair> pair_layers(const Binding& binding, Problems& counts) {
    Groups groups;
    for (const WeightGroup& group : binding.store.groups)
        if (!group.weights.empty()) groups.push_back(&group);
    if (!is_built(binding.graph)) return pair_known_by_name(binding.graph, groups);
    if (binding.graft.pairing == WeightPairing::by_name) return pair_by_name(binding.graph, binding.store.groups);
    counts.attempt([&] { require_as_many(binding.graph, groups); });
    return pair_by_position(binding.graph, groups);
}

/// What one side has and the other lacks.
void align_alone(Binding& binding, const Pair& pair) {
    if (pair.top_level)
        for (const WeightIndex& index : weight_order(binding.graph, *pair.top_level))
            align(binding, &index, nullptr, "", "");
    if (pair.group != nullptr)
        for (const StoredWeight& stored : pair.group->weights) align(binding, nullptr, &stored, "", "");
}

}  // namespace

void by_order(Binding& binding) {
    Problems counts;
    const std::vector<Pair> pairs = pair_layers(binding, counts);
    if (!counts.empty()) binding.arrays = nullptr;
    for (const Error& error : counts.errors()) binding.problems.add(error);
    for (const Pair& pair : pairs) {
        if (!pair.top_level || pair.group == nullptr) {
            align_alone(binding, pair);
            continue;
        }
        Problems misfits;
        misfits.attempt([&] {
            in_context(layer_frame(binding.graph.spec->layers[*pair.top_level]),
                       [&] { LayerBinder(binding, *pair.top_level, *pair.group).bind(); });
        });
        if (!counts.empty()) continue;  // they follow from that
        for (const Error& error : misfits.errors()) binding.problems.add(error);
    }
}

}  // namespace layerctl::binding
