#include "api/missing.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/ops/activation.hpp"
#include "models/common_keys.hpp"

namespace layerctl {
namespace {

using Json = nlohmann::ordered_json;

const std::string* text_of(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value == nullptr ? nullptr : value->string();
}

/// A class as a layer of the model or a wrapper's config names it.
struct Named {
    std::string class_name, registered_name;
    const Value* config = nullptr;

    const std::string& full_name() const { return registered_name.empty() ? class_name : registered_name; }
};

/// What the model holds for one layer: a place to look dimensions up.
struct Place {
    const std::vector<StoredWeight>* weights = nullptr;
    std::optional<Shape> input;
};

class Collector {
public:
    explicit Collector(const Graph& graph) : graph_(graph) {}

    Json collect() {
        for (const GraphLayer& layer : graph_.layers) {
            if (!layer.opaque || layer.spec->model != nullptr) continue;
            const LayerSpec& spec = *layer.spec;
            const Place place{stored(layer), input_of(layer)};
            if (spec.class_name == "Lambda") add_lambda(spec);
            else visit({spec.class_name, spec.registered_name, &spec.config.value()}, place, false);
        }
        Json file = Json::object();
        for (auto [name, section] :
             {std::pair{"layers", &layers_}, {"cells", &cells_}, {"functions", &functions_}, {"lambdas", &lambdas_}})
            if (!section->empty()) file[name] = *section;
        return file;
    }

private:
    bool is_known(const Named& named) const {
        const std::string name = named.class_name.substr(named.class_name.rfind('>') + 1);
        for (const std::string& known : {named.full_name(), name})
            if (graph_.custom != nullptr && graph_.custom->layer(known) != nullptr) return true;
        return named.full_name() == name && (make_layer(name) != nullptr || make_operation(name) != nullptr);
    }

    bool is_known_function(const std::string& name) const {
        try {
            activation_named(name, {graph_.spec->dialect, graph_.custom.get()});
            return true;
        } catch (const Error&) {
            return false;
        }
    }

    /// Of the layer itself; those of a nested model's layers lie together and tell nothing about one.
    const std::vector<StoredWeight>* stored(const GraphLayer& layer) const {
        if (layer.path != layer.spec->name) return nullptr;
        for (const WeightGroup& group : graph_.spec->weights.groups)
            if (group.layer == layer.spec->name) return &group.weights;
        return nullptr;
    }

    std::optional<Shape> input_of(const GraphLayer& layer) const {
        for (const Node& node : graph_.nodes)
            if (&graph_.layers[node.layer] == &layer && !node.inputs.empty() && node.inputs[0] != no_edge)
                return graph_.edges[node.inputs[0]].shape;
        return std::nullopt;
    }

    void visit(const Named& named, const Place& place, bool as_cell) {
        if (is_known(named)) return visit_inside(*named.config, place);
        Json& section = as_cell ? cells_ : layers_;
        if (!section.contains(named.full_name())) section[named.full_name()] = skeleton(*named.config, place, as_cell);
    }

    /// Layers and functions in the config of a known layer.
    void visit_inside(const Value& config, const Place& place) {
        if (config.object() == nullptr) return;
        for (const auto& [key, value] : *config.object()) {
            if (key == "cells" && value.array() != nullptr)
                for (const Value& cell : *value.array()) visit_envelope(cell, {}, true);
            else if (key == "cell" || key == "layer" || key == "backward_layer")
                visit_envelope(value, place, key == "cell");
            else if (key.ends_with("activation")) visit_function(value);
        }
    }

    void visit_envelope(const Value& envelope, const Place& place, bool as_cell) {
        const std::string* class_name = text_of(envelope, "class_name");
        const std::string* registered = text_of(envelope, "registered_name");
        const Value* config = envelope.find("config");
        if (class_name == nullptr || config == nullptr) return;
        Place inner = place;
        if (*class_name == "StackedRNNCells") inner.weights = nullptr;
        visit({*class_name, registered == nullptr ? "" : *registered, config}, inner, as_cell);
    }

    void visit_function(const Value& value) {
        const std::string* name = value.string();
        if (name == nullptr) name = text_of(value, "config");
        if (name != nullptr && !is_known_function(*name)) functions_[*name] = "TODO";
    }

    void add_lambda(const LayerSpec& spec) {
        const Value* function = spec.config.find("function");
        if (function == nullptr) return;
        const std::string* name = function->string();
        const std::string* class_name = text_of(*function, "class_name");
        if (name == nullptr && class_name != nullptr && *class_name == "function") name = text_of(*function, "config");
        Json body = "TODO";
        const Value* arguments = spec.config.find("arguments");
        if (arguments != nullptr && arguments->object() != nullptr && !arguments->object()->empty()) {
            body = {{"inputs", {"x"}}, {"config", Json::object()}, {"call", "TODO"}};
            for (const auto& [key, value] : *arguments->object()) body["config"][key] = nullptr;
        }
        (name == nullptr ? lambdas_ : functions_)[name == nullptr ? spec.name : *name] = body;
    }

    static Json skeleton(const Value& config, const Place& place, bool as_cell) {
        Json body = Json::object();
        Json parameters = Json::object();
        if (config.object() != nullptr)
            for (const auto& [key, value] : *config.object())
                if (!is_common_key(key)) parameters[key] = nullptr;
        if (!parameters.empty()) body["config"] = parameters;
        if (place.weights != nullptr && !place.weights->empty())
            body["weights"] = weights(*place.weights, config, place);
        if (as_cell) body["states"] = {{"h", {"TODO"}}};
        body["call"] = "TODO";
        return body;
    }

    static Json weights(const std::vector<StoredWeight>& stored, const Value& config, const Place& place) {
        Json list = Json::array();
        std::map<std::string, int> seen;
        for (const StoredWeight& weight : stored) {
            std::string name = weight.name.substr(weight.name.rfind('/') + 1);
            name = name.substr(0, name.rfind(':'));
            if (const int count = seen[name]++; count > 0) name += "_" + std::to_string(count);
            Json shape = Json::array();
            for (std::size_t axis = 0; axis < weight.shape.rank(); ++axis)
                shape.push_back(dimension(weight.shape[axis], config, axis == 0 && weight.shape.rank() > 1, place));
            list.push_back({{"name", name}, {"shape", shape}});
        }
        return list;
    }

    /// Under the name of the only config value, or of the input's last dimension, that equals it.
    static Json dimension(std::int64_t size, const Value& config, bool prefers_input, const Place& place) {
        const bool of_input = place.input && place.input->rank() > 0 && place.input->back() == size;
        if (of_input && prefers_input) return "x.shape[-1]";
        const std::string* key = nullptr;
        int matches = 0;
        if (config.object() != nullptr)
            for (const auto& [name, value] : *config.object())
                if (value.integer() != nullptr && *value.integer() == size) key = &name, ++matches;
        if (matches == 1) return *key;
        if (of_input) return "x.shape[-1]";
        return size;
    }

    const Graph& graph_;
    Json layers_ = Json::object(), cells_ = Json::object(), functions_ = Json::object(), lambdas_ = Json::object();
};

}  // namespace

std::string missing_custom_objects_text(const Graph& graph) {
    const Json file = Collector(graph).collect();
    return file.empty() ? "" : file.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace layerctl
