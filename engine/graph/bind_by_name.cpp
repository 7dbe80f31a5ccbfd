// Stored arrays -> declared weights by name, as .npz, .safetensors and TensorFlow.js files hold them. A name is the one
// that export_weights gives, "bidirectional/forward_layer/cell/kernel", or that of Keras' variable: in it inner layers
// have their own names, "bidirectional/forward_lstm/lstm_cell/kernel:0", and Keras 2 leaves enclosing ones out.
#include <algorithm>
#include <map>

#include "engine/graph/bound_weight.hpp"
#include "models/limits.hpp"
#include "models/object_names.hpp"

namespace layerctl::binding {
namespace {

using Components = std::vector<std::string_view>;

Components components(std::string_view name) {
    Components parts;
    while (true) {
        const std::size_t slash = name.find('/');
        parts.push_back(name.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        name.remove_prefix(slash + 1);
    }
}

/// Without the ":0" that TensorFlow puts behind variables.
std::string_view plain(std::string_view name) { return name.ends_with(":0") ? name.substr(0, name.size() - 2) : name; }

/// A declared weight, and the names that each step of the way to it may have.
struct Way {
    WeightIndex index;
    std::vector<std::vector<std::string>> steps;
    std::string own_name;
};

/// What a part of a layer was made of, and what else it is called.
struct Part {
    const Value* config = nullptr;
    std::vector<std::string> names;
};

/// One of several cells, which TensorFlow.js counts.
Part cell_of(const Value::Array& cells, std::string_view name) {
    const std::optional<std::size_t> place = place_of(name, cells);
    if (!place) return {};
    const Value* config = cells[*place].find("config");
    return {config, {cat("RNNCell_", *place), config->string_at("name")}};
}

/// A layer, a cell, one of the two layers of a Bidirectional.
Part part_of(const Value& config, const std::string& name) {
    if (config.array() != nullptr) return cell_of(*config.array(), name);
    const Value* object = config.find(name);
    if (name == "forward_layer" || (name == "backward_layer" && (object == nullptr || object->is_null())))
        object = config.find("layer");
    if (object == nullptr || object->array() != nullptr) return {object, {}};
    const Value* inner = object->find("config");
    if (inner == nullptr) return {};
    const std::string own = inner->string_at("name");
    return {inner, {own, name.substr(0, name.find('_') + 1) + own}};  // "forward_lstm"
}

Way way_to(const Graph& graph, const WeightIndex& index) {
    const GraphLayer& layer = graph.layers[index.layer];
    Way way{index, {}, {}};
    for (const std::string_view part : components(layer.path)) way.steps.push_back({std::string(part)});
    Components parts = components(declared(graph, index).name);
    way.own_name = parts.back();
    parts.pop_back();
    const Value* config = &layer.spec->config.value();
    for (const std::string_view name : parts) {
        Part part = config == nullptr ? Part{} : part_of(*config, std::string(name));
        config = part.config;
        part.names.emplace_back(name);
        way.steps.push_back(std::move(part.names));
    }
    return way;
}

/// How many parts of a name are steps of the way, in its order; of as many, those count more that have the first.
std::size_t likeness(const Components& name, const Way& way) {
    std::size_t found = 0, next = 0;
    for (std::size_t i = 0; i + 1 < name.size(); ++i)
        for (std::size_t step = next; step < way.steps.size(); ++step)
            if (std::find(way.steps[step].begin(), way.steps[step].end(), name[i]) != way.steps[step].end()) {
                found += i == 0 ? 3 : 2;
                next = step + 1;
                break;
            }
    return found;
}

class NameBinder {
public:
    explicit NameBinder(Binding& binding) : binding_(binding), graph_(binding.graph) {
        for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer)
            for (std::size_t weight = 0; !graph_.layers[layer].same_as && weight < graph_.layers[layer].declared.size();
                 ++weight)
                open_.emplace(full_name(graph_, {layer, weight}), WeightIndex{layer, weight});
        for (const WeightGroup& group : binding.store.groups)
            for (const StoredWeight& array : group.weights) left_.push_back(&array);
    }

    void run() {
        const bool all_paired = binding_.problems.attempt([&] { pair(); });
        align();
        if (!all_paired) return;
        for (const Pair& pair : pairs_)
            binding_.problems.attempt([&] {
                in_context(layer_frame(graph_.layers[pair.first.layer]), [&] { bind(pair.first, *pair.second); });
            });
    }

private:
    using Pair = std::pair<WeightIndex, const StoredWeight*>;

    void align() const {
        std::map<std::pair<std::size_t, std::size_t>, const StoredWeight*> paired;
        for (const Pair& pair : pairs_) paired.emplace(std::pair(pair.first.layer, pair.first.weight), pair.second);
        for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer)
            for (std::size_t weight = 0; weight < graph_.layers[layer].declared.size(); ++weight) {
                const WeightIndex index{layer, weight};
                const auto found = paired.find({layer, weight});
                binding::align(binding_, &index, found == paired.end() ? nullptr : found->second, "name", "");
            }
        for (const StoredWeight* array : left_) binding::align(binding_, nullptr, array, "", "");
    }

    void pair() {
        take_same_names();
        if (!open_.empty() && !left_.empty()) take_nearest();
        const bool all_built = std::all_of(graph_.layers.begin(), graph_.layers.end(), is_built);
        if (!open_.empty() || (all_built && !left_.empty())) fail(Code::weights, sides());
    }

    void take_same_names() {
        std::erase_if(left_, [&](const StoredWeight* array) {
            const auto found = open_.find(std::string(plain(array->name)));
            if (found == open_.end()) return false;
            pairs_.emplace_back(found->second, array);
            open_.erase(found);
            return true;
        });
    }

    /// Pairs an array with the weight whose way has most of its name, if that is one alone and nothing else wants it.
    void take_nearest() {
        if (open_.size() > limits::name_pairs / left_.size())
            fail(Code::refused, "more than ", limits::name_pairs, " pairs of names to compare");
        std::map<std::string, std::vector<Way>> ways;
        for (const auto& entry : open_) {
            Way way = way_to(graph_, entry.second);
            ways[way.own_name].push_back(std::move(way));
        }
        std::map<std::string, std::vector<const StoredWeight*>> wanted_by;
        for (const StoredWeight* array : left_) {
            const Components name = components(plain(array->name));
            const auto same_end = ways.find(std::string(name.back()));
            if (same_end == ways.end()) continue;
            if (const Way* way = nearest(name, same_end->second))
                wanted_by[full_name(graph_, way->index)].push_back(array);
        }
        for (const auto& [name, arrays] : wanted_by) {
            if (arrays.size() != 1) continue;
            pairs_.emplace_back(open_.at(name), arrays.front());
            open_.erase(name);
            std::erase(left_, arrays.front());
        }
    }

    static const Way* nearest(const Components& name, const std::vector<Way>& ways) {
        const Way* best = nullptr;
        std::size_t most = 0;
        for (const Way& way : ways) {
            const std::size_t alike = likeness(name, way);
            if (alike == 0 || alike < most) continue;
            best = alike > most ? &way : nullptr;
            most = alike;
        }
        return best;
    }

    void bind(const WeightIndex& index, const StoredWeight& array) const {
        if (!declared(graph_, index).shape.is_compatible_with(array.shape))
            fail(Code::weights, "weight '", full_name(graph_, index), "': wanted shape ", declared(graph_, index).shape,
                 ", found ", array.shape, " in '", array.name, "'");
        check_dtype(graph_, index, array);
        take(binding_, index, array);
    }

    /// What found no partner.
    std::string sides() const {
        constexpr std::size_t shown = 8;
        std::string wanted, found;
        std::size_t count = 0;
        for (const auto& [name, index] : open_)
            if (count++ < shown) wanted += cat(count > 1 ? ", '" : " '", name, "' ", declared(graph_, index).shape);
        for (std::size_t i = 0; i < std::min(left_.size(), shown); ++i)
            found += cat(i > 0 ? ", '" : " '", left_[i]->name, "' ", left_[i]->shape);
        const auto more = [](std::size_t all) {
            return all > shown ? cat(" and ", all - shown, " more") : std::string();
        };
        return cat("arrays and weights do not pair by name: wanted", open_.empty() ? " no more" : wanted,
                   more(open_.size()), "; found", left_.empty() ? " no other" : found, more(left_.size()));
    }

    Binding& binding_;
    const Graph& graph_;
    std::map<std::string, WeightIndex> open_;  // weights without an array
    std::vector<const StoredWeight*> left_;    // arrays without a weight
    std::vector<Pair> pairs_;
};

}  // namespace

void by_name(Binding& binding) { NameBinder(binding).run(); }

}  // namespace layerctl::binding
