#include "formats/savedmodel/object_graph.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/object_names.hpp"
#include "models/protobuf.hpp"

namespace layerctl::formats {
namespace {

struct Node {
    std::vector<std::pair<std::string, std::size_t>> children;
    std::string variable;  // key of its array; empty for what is no variable
};

/// What Keras hangs on every layer when it saves, and what training leaves behind.
constexpr std::array<std::string_view, 8> not_objects = {
    "keras_api", "variables", "trainable_variables", "non_trainable_variables", "regularization_losses", "signatures",
    "optimizer", "metrics"};

/// What a lookup layer counted while it learned.
constexpr std::string_view documents = "num_documents";

std::pair<std::string, std::size_t> read_child(std::string_view message) {
    std::pair<std::string, std::size_t> child;
    for (ProtobufReader fields(message); fields.next();) {
        if (fields.field() == 1) child.second = fields.number();
        if (fields.field() == 2) child.first = fields.bytes();
    }
    return child;
}

void read_attribute(std::string_view message, Node& node) {
    std::string name, key;
    for (ProtobufReader fields(message); fields.next();) {
        if (fields.field() == 1) name = fields.bytes();
        if (fields.field() == 3) key = fields.bytes();
    }
    if (name == "VARIABLE_VALUE") node.variable = key;
}

/// TrackableObjectGraph.
std::vector<Node> read_graph(std::string_view message) {
    std::vector<Node> nodes;
    for (ProtobufReader graph(message); graph.next();) {
        if (graph.field() != 1) continue;
        if (nodes.size() >= limits::layers) fail(Code::refused, "more than ", limits::layers, " objects");
        Node node;
        for (ProtobufReader fields(graph.bytes()); fields.next();) {
            if (fields.field() == 1) node.children.push_back(read_child(fields.bytes()));
            if (fields.field() == 2) read_attribute(fields.bytes(), node);
        }
        nodes.push_back(std::move(node));
    }
    if (nodes.empty()) fail(Code::format, "a graph without objects");
    return nodes;
}

std::optional<std::size_t> number_of(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

const Value* member(const Value* object, std::string_view key) {
    return object == nullptr ? nullptr : object->find(key);
}

std::string class_of(const Value& entry) {
    const std::string name = entry.string_at("class_name");
    return name.substr(name.find('>') + 1);
}

class Walk {
public:
    explicit Walk(const Bundle& bundle)
        : bundle_(bundle), nodes_(read_graph(bundle.strings("_CHECKPOINTABLE_OBJECT_GRAPH").at(0))) {}

    /// The layers of a model, which hang on it by their places.
    void model(std::size_t id, const std::string& path, const Value::Array& layers, bool sequential) {
        ObjectNames names;
        std::size_t place = 0;
        for (const Value& entry : layers) {
            const std::string class_name = class_of(entry);
            const std::string object = join_path(join_path(path, "layers"), names.next(class_name));
            if (sequential && class_name == "InputLayer") continue;
            const auto layer = child(id, cat("layer-", place++));
            if (!layer) fail(Code::weights, "the checkpoint has no object for layer ", place, " (", class_name, ")");
            if (path.empty()) seen_.clear();  // a layer may be part of several models
            this->object(*layer, object, member(&entry, "config"), class_name, 0);
        }
    }

    ObjectArrays found;
    static constexpr std::size_t root = 0;  // the object that the checkpoint is of

private:
    const Node& node(std::size_t id) const {
        if (id >= nodes_.size()) fail(Code::format, "object ", id, " of ", nodes_.size());
        return nodes_[id];
    }

    std::optional<std::size_t> child(std::size_t id, std::string_view name) const {
        for (const auto& [own, other] : node(id).children)
            if (own == name) return other;
        return std::nullopt;
    }

    void object(std::size_t id, const std::string& path, const Value* config, const std::string& class_name,
                std::size_t depth) {
        if (depth > limits::object_depth) fail(Code::refused, "objects nested deeper than ", limits::object_depth);
        if (++visits_ > limits::attribute_items) fail(Code::refused, "more than ", limits::attribute_items, " objects");
        if (!seen_.insert(id).second) return;
        const Value* layers = member(config, "layers");
        if (layers != nullptr && layers->array() != nullptr && child(id, "layer-0"))
            return model(id, path, *layers->array(), class_name == "Sequential");
        variables(id, path);
        for (const auto& [name, other] : node(id).children) {
            const bool hidden = std::find(not_objects.begin(), not_objects.end(), name) != not_objects.end();
            if (hidden || name.starts_with("__") || !node(other).variable.empty()) continue;
            part(other, path, name, config, depth + 1);
        }
    }

    /// An attribute: a list of cells has one object per entry, named by its class.
    void part(std::size_t id, const std::string& path, const std::string& name, const Value* config,
              std::size_t depth) {
        const Value* made_of = member(config, name == "forward_layer" || name == "backward_layer" ? "layer" : name);
        const std::string object = join_path(path, name);
        if (made_of == nullptr || made_of->array() == nullptr)
            return this->object(id, object, member(made_of, "config"), made_of == nullptr ? "" : class_of(*made_of),
                                depth);
        ObjectNames names;
        std::size_t place = 0;
        for (const Value& entry : *made_of->array()) {
            const std::string class_name = class_of(entry);
            if (const auto listed = child(id, std::to_string(place++)))
                this->object(*listed, join_path(object, names.next(class_name)), member(&entry, "config"), class_name,
                             depth);
        }
    }

    /// The variables that are an object's own, in the order that Keras gives all of a model. One may have two names.
    void variables(std::size_t id, const std::string& path) {
        std::map<std::size_t, std::pair<std::size_t, std::string>> places;
        for (const auto& [name, other] : node(id).children)
            if (!node(other).variable.empty() && name != documents)
                places.try_emplace(other, place_of(id, other), name);
        std::vector<std::pair<std::size_t, std::string>> own;
        for (const auto& entry : places) own.push_back(entry.second);
        std::sort(own.begin(), own.end());
        if (own.size() > 1 && own.back().first == unlisted)
            fail(Code::unsupported, "object '", path, "': the checkpoint does not order its variables");
        std::vector<StoredWeight> arrays;
        for (const auto& [place, name] : own) {
            const std::string array = name == "idf_weights" ? name : std::to_string(arrays.size());
            arrays.push_back(bundle_.array(node(*child(id, name)).variable, array));
        }
        constexpr std::string_view lookup = "/_lookup_layer";  // TextVectorization's own, as archives have it
        const std::string object = path.ends_with(lookup) ? path.substr(0, path.size() - lookup.size()) : path;
        if (!arrays.empty()) found.emplace(object, std::move(arrays));
    }

    std::size_t place_of(std::size_t id, std::size_t variable) const {
        for (const std::size_t owner : {id, root}) {
            const auto list = child(owner, "variables");
            if (!list) continue;
            for (const auto& [place, other] : node(*list).children)
                if (other == variable) return number_of(place).value_or(unlisted);
        }
        return unlisted;
    }

    static constexpr std::size_t unlisted = static_cast<std::size_t>(-1);

    const Bundle& bundle_;
    std::vector<Node> nodes_;
    std::set<std::size_t> seen_;
    std::size_t visits_ = 0;
};

}  // namespace

ObjectArrays find_objects(const Bundle& bundle, const Value::Array& layers, bool sequential) {
    Walk walk(bundle);
    walk.model(Walk::root, "", layers, sequential);
    return std::move(walk.found);
}

}  // namespace layerctl::formats
