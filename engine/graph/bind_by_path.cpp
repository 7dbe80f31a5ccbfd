// Stored arrays -> declared weights by the path of their object, as .keras and .weights.h5 files hold them
// (formats.md 3): "layers/bidirectional/forward_layer/cell" holds what a layer calls "forward_layer/cell/kernel" and so
// on, numbered in the layer's order.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "engine/graph/bound_weight.hpp"
#include "models/object_names.hpp"

namespace layerctl::binding {
namespace {

/// How the objects of a file may be called.
struct Naming {
    std::string root;                  // where the model lies: "", or "model" if a subclassed model wraps it
    std::string container = "layers";  // of a model's layers
    bool weighted_twice = false;       // Keras 2.12 and 2.13 count layers with weights twice
    bool by_attribute = false;         // attributes of a subclassed model, named as the layers are
};

constexpr const char* old_container = "_layer_checkpoint_dependencies";  // before Keras 2.15

/// What a layer calls a part of itself, where Keras' attribute has another name.
struct Alias {
    std::string_view part, attribute;
};
constexpr std::array<Alias, 1> aliases = {{{"attention_output", "output_dense"}}};

/// The names of attributes a part may be stored under; Keras 2 and 3 differ in which are private.
std::vector<std::string> attributes_of(const std::string& part) {
    std::vector<std::string> names = {part, part + "_dense"};
    for (const Alias& alias : aliases)
        if (alias.part == part) names.emplace_back(alias.attribute);
    const std::size_t count = names.size();
    for (std::size_t i = 0; i < count; ++i) names.push_back("_" + names[i]);
    return names;
}

std::string_view own_name(std::string_view weight) { return weight.substr(weight.rfind('/') + 1); }

/// One object of a layer, the weights it owns and the arrays stored for it.
struct Object {
    std::size_t layer = 0;
    std::string path;
    std::vector<WeightIndex> weights;
    const WeightGroup* group = nullptr;
};

class PathBinder {
public:
    explicit PathBinder(Binding& binding) : binding_(binding), graph_(binding.graph) {
        for (const WeightGroup& group : binding.store.groups)
            if (!group.weights.empty()) groups_[group.layer] = &group;
        for (const GraphLayer& layer : graph_.layers)
            if (!layer.declared.empty()) weighted_.insert(layer.spec);
    }

    void run() {
        const std::vector<Object> objects = best();
        for (const Object& object : objects)
            binding_.problems.attempt(
                [&] { in_context(layer_frame(graph_.layers[object.layer]), [&] { bind(object, objects); }); });
        binding_.problems.attempt([&] { refuse_surplus(objects); });
    }

private:
    /// The objects under the first naming that finds them all. If none does: under the usual one, or, where the others
    /// keep their weights, under that which finds most.
    std::vector<Object> best() {
        const std::vector<Naming> all = namings();
        const Naming* nearest = &all.front();
        std::ptrdiff_t most = 0;
        for (const Naming& naming : all) {
            std::vector<Object> objects = named(naming);
            const auto found = std::count_if(objects.begin(), objects.end(),
                                             [&](const Object& object) { return fits(object, objects); });
            if (found == std::ssize(objects)) return objects;
            if (found > most && binding_.graft.skip_mismatch) nearest = &naming;
            most = std::max(most, found);
        }
        return named(*nearest);
    }

    std::vector<Naming> namings() const {
        std::vector<Naming> all;
        if (any_below(old_container)) {
            for (const bool twice : {false, true})
                all.push_back({.root = "", .container = old_container, .weighted_twice = twice, .by_attribute = false});
            return all;
        }
        all.emplace_back();
        for (const std::string& root : roots()) all.emplace_back().root = root;
        all.emplace_back().by_attribute = true;
        return all;
    }

    bool any_below(const std::string& path) const {
        const auto next = groups_.lower_bound(path);
        return next != groups_.end() && (next->first == path || next->first.starts_with(path + "/"));
    }

    /// Objects with a list of layers of their own.
    std::vector<std::string> roots() const {
        std::set<std::string> found;
        for (const auto& [path, group] : groups_)
            for (std::size_t at = path.find("/layers/"); at != std::string::npos; at = path.find("/layers/", at + 1))
                found.insert(path.substr(0, at));
        return {found.begin(), found.end()};
    }

    std::vector<Object> named(const Naming& naming) {
        paths_.assign(graph_.layers.size(), "");
        std::size_t next = 0;
        name_layers(*graph_.spec, naming.root, naming, next, true);
        std::vector<Object> objects;
        for (std::size_t layer = 0; layer < graph_.layers.size(); ++layer) add_objects(layer, objects);
        return objects;
    }

    /// In the order of Graph::layers: each nested model is followed by its layers.
    void name_layers(const ModelSpec& model, const std::string& path, const Naming& naming, std::size_t& next,
                     bool outer) {
        std::vector<bool> twice;
        for (const LayerSpec& layer : model.layers) twice.push_back(naming.weighted_twice && has_weights(layer));
        const std::vector<std::string> names = layer_object_names(model, graph_.custom.get(), twice);
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            const LayerSpec& layer = model.layers[i];
            const bool attribute = outer && naming.by_attribute;
            const std::string object =
                attribute ? attribute_of(layer) : join_path(join_path(path, naming.container), names[i]);
            paths_[next++] = object;
            if (layer.model != nullptr) name_layers(*layer.model, object, naming, next, false);
        }
    }

    /// As it is named, or the only attribute that is a model.
    std::string attribute_of(const LayerSpec& layer) const {
        if (layer.model == nullptr || any_below(layer.name)) return layer.name;
        const std::vector<std::string> models = roots();
        return models.size() == 1 ? models.front() : layer.name;
    }

    bool has_weights(const LayerSpec& spec) const {
        if (spec.model == nullptr) return weighted_.contains(&spec);
        return std::any_of(spec.model->layers.begin(), spec.model->layers.end(),
                           [&](const LayerSpec& layer) { return has_weights(layer); });
    }

    void add_objects(std::size_t layer, std::vector<Object>& objects) const {
        if (graph_.layers[layer].same_as) return;
        const std::size_t first = objects.size();
        const WeightSpecs& specs = graph_.layers[layer].declared;
        const LayerSpec& spec = *graph_.layers[layer].spec;
        const Part whole{paths_[layer], spec.class_name, &spec.config.value()};
        for (std::size_t i = 0; i < specs.size(); ++i) {
            const std::string path = path_of(whole, std::string(object_of(specs[i].name)));
            const auto begin = objects.begin() + static_cast<std::ptrdiff_t>(first);
            auto object = std::find_if(begin, objects.end(), [&](const Object& o) { return o.path == path; });
            if (object == objects.end()) {
                objects.push_back({layer, path, {}, nullptr});
                object = objects.end() - 1;
                const auto group = groups_.find(object->path);
                if (group != groups_.end()) object->group = group->second;
            }
            object->weights.push_back({layer, i});
        }
        for (std::size_t i = first; i < objects.size(); ++i) sort_as_stored(graph_, objects[i].weights);
    }

    /// Where a part of an object is stored: under the first of its attributes that the file knows. If it knows none,
    /// the part is but a name, as of the columns of DenseFeatures, and the object holds the weights itself.
    std::string path_of(const Part& object, const std::string& part) const {
        if (part.empty()) return object.path;
        const std::string first = part.substr(0, part.find('/'));
        const std::string rest = first.size() == part.size() ? "" : part.substr(first.size() + 1);
        if (const auto listed = part_in_list(object, first, graph_.custom.get())) return path_of(*listed, rest);
        for (const std::string& attribute : attributes_of(first))
            if (any_below(join_path(object.path, attribute))) return path_of(part_at(object, first, attribute), rest);
        return object.path;
    }

    std::vector<WeightIndex> stored_weights(const Object& object) const {
        std::vector<WeightIndex> stored;
        for (const WeightIndex& index : object.weights)
            if (!is_low_rank(declared(graph_, index))) stored.push_back(index);
        return stored;
    }

    /// Arrays an object repeats from its parts, before its own: SpectralNormalization holds on to the kernel.
    std::size_t repeated(const Object& object, const std::vector<Object>& objects, std::size_t own) const {
        const std::size_t found = object.group->weights.size();
        const std::size_t extra = found > own ? found - own : 0;
        for (std::size_t i = 0; i < extra; ++i)
            if (!is_weight_of_part(object, objects, object.group->weights[i].shape)) return 0;
        return extra;
    }

    bool is_weight_of_part(const Object& object, const std::vector<Object>& objects, const Shape& shape) const {
        return std::any_of(objects.begin(), objects.end(), [&](const Object& part) {
            if (part.layer != object.layer || !part.path.starts_with(object.path + "/")) return false;
            return std::any_of(part.weights.begin(), part.weights.end(), [&](const WeightIndex& index) {
                return declared(graph_, index).shape.is_compatible_with(shape);
            });
        });
    }

    bool fits(const Object& object, const std::vector<Object>& objects) const {
        const std::vector<WeightIndex> wanted = stored_weights(object);
        if (object.group == nullptr) return wanted.empty();
        const std::size_t skipped = repeated(object, objects, wanted.size());
        if (object.group->weights.size() != wanted.size() + skipped) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (!declared(graph_, wanted[i]).shape.is_compatible_with(object.group->weights[skipped + i].shape))
                return false;
        return true;
    }

    void bind(const Object& object, const std::vector<Object>& objects) {
        const std::vector<WeightIndex> wanted = stored_weights(object);
        const std::size_t found = object.group == nullptr ? 0 : object.group->weights.size();
        const std::size_t skipped = found == 0 ? 0 : repeated(object, objects, wanted.size());
        const std::size_t fitting = align(object, wanted, skipped);
        if (found != wanted.size() + skipped) {
            if (binding_.graft.skip_mismatch) return;
            fail(Code::weights, "wanted ", wanted.size(), " weights in '", object.path, "', found ", found,
                 sides(object, wanted));
        }
        for (std::size_t i = 0; i < fitting; ++i) take(binding_, wanted[i], object.group->weights[skipped + i]);
        if (fitting < wanted.size() && binding_.graft.skip_mismatch) return;
        if (fitting < wanted.size()) fail_misfit(object, wanted, fitting, object.group->weights[skipped + fitting]);
        if (binding_.arrays == nullptr) return;
        for (const WeightIndex& index : object.weights)
            if (is_low_rank(declared(graph_, index)))
                (*binding_.arrays)[index.layer][index.weight] =
                    Tensor(variable_dtype(graph_, index), declared(graph_, index).shape);
    }

    /// How many weights take their arrays: Keras goes through an object until one does not fit.
    std::size_t align(const Object& object, const std::vector<WeightIndex>& wanted, std::size_t skipped) {
        static const std::vector<StoredWeight> none;
        const std::vector<StoredWeight>& found = object.group == nullptr ? none : object.group->weights;
        const bool as_many = found.size() == wanted.size() + skipped;
        std::size_t fitting = 0;
        for (std::size_t i = 0; i < std::max(wanted.size(), found.size() - skipped); ++i) {
            const WeightIndex* index = i < wanted.size() ? &wanted[i] : nullptr;
            const StoredWeight* stored = skipped + i < found.size() ? &found[skipped + i] : nullptr;
            const bool reached = as_many && fitting == i;
            const std::string_view problem = !as_many ? "count" : reached ? "" : "mismatch before it";
            if (reached && misfit(graph_, wanted[i], *stored).empty()) ++fitting;
            binding::align(binding_, index, stored, "path", problem);
        }
        return fitting;
    }

    [[noreturn]] void fail_misfit(const Object& object, const std::vector<WeightIndex>& wanted, std::size_t i,
                                  const StoredWeight& stored) const {
        check_dtype(graph_, wanted[i], stored);
        fail(Code::weights, "weight '", own_name(declared(graph_, wanted[i]).name), "': wanted shape ",
             declared(graph_, wanted[i]).shape, ", found ", stored.shape, sides(object, wanted));
    }

    std::string sides(const Object& object, const std::vector<WeightIndex>& wanted) const {
        if (object.group == nullptr) return "";
        std::string text = "; wanted";
        for (const WeightIndex& index : wanted)
            text += cat(" ", own_name(declared(graph_, index).name), declared(graph_, index).shape);
        text += "; found";
        for (const StoredWeight& stored : object.group->weights) text += cat(" ", own_name(stored.name), stored.shape);
        return text;
    }

    /// Arrays that no layer wants. Below a layer whose weights are unknown they may well be right.
    void refuse_surplus(const std::vector<Object>& objects) {
        std::set<std::string_view> used;
        for (const Object& object : objects) used.insert(object.path);
        const WeightGroup* first = nullptr;
        for (const auto& [path, group] : groups_) {
            if (used.contains(path) || is_below_unbuilt(path)) continue;
            if (first == nullptr) first = group;
            for (const StoredWeight& stored : group->weights) binding::align(binding_, nullptr, &stored, "", "");
        }
        if (first != nullptr && !binding_.graft.skip_mismatch)
            fail(Code::weights, "found ", first->weights.size(), " weights in '", first->layer,
                 "', which no layer wants");
    }

    bool is_below_unbuilt(const std::string& path) const {
        for (std::size_t i = 0; i < graph_.layers.size(); ++i)
            if (!is_built(graph_.layers[i]) && (path == paths_[i] || path.starts_with(paths_[i] + "/"))) return true;
        return false;
    }

    Binding& binding_;
    const Graph& graph_;
    std::map<std::string, const WeightGroup*> groups_;
    std::set<const LayerSpec*> weighted_;
    std::vector<std::string> paths_;  // of Graph::layers, under the naming tried last
};

}  // namespace

std::optional<Part> part_in_list(const Part& whole, const std::string& name, const CustomObjects* custom) {
    const bool counted = whole.config != nullptr && whole.config->array() != nullptr;
    const Value* list = counted || whole.config == nullptr ? whole.config : whole.config->find("layers");
    if (list == nullptr || list->array() == nullptr) return std::nullopt;
    ObjectNames names;
    for (std::size_t i = 0; i < list->array()->size(); ++i) {
        const Value& entry = (*list->array())[i];
        const std::string class_name = entry.string_at("class_name");
        const Value* config = entry.find("config");
        if (class_name.empty() || config == nullptr) return std::nullopt;
        const bool is_registered = class_name.find('>') != std::string::npos;
        const std::string registered = is_registered ? class_name : entry.string_at("registered_name");
        const std::string object =
            names.next(python_class(registered, class_name.substr(class_name.find('>') + 1), custom));
        const Value* own_name = config->find("name");
        const bool found = counted ? std::to_string(i) == name : own_name != nullptr && *own_name == Value(name);
        const std::string place = counted ? whole.path : join_path(whole.path, "layers");
        if (found) return Part{join_path(place, object), class_name, config};
    }
    return std::nullopt;
}

Part part_at(const Part& whole, const std::string& name, const std::string& attribute) {
    const std::string path = join_path(whole.path, attribute);
    const Value* entry = whole.config == nullptr ? nullptr : whole.config->find(name);
    if (entry == nullptr || entry->array() != nullptr) return {path, "", entry};
    return {path, entry->string_at("class_name"), entry->find("config")};
}

void by_path(Binding& binding) { PathBinder(binding).run(); }

}  // namespace layerctl::binding
