// inbound_nodes: where the inputs of each call come from, in the list form of Keras 1 and 2 and the object form of
// Keras 3.
#include <algorithm>

#include "models/suggest.hpp"
#include "models/topology/topology.hpp"

namespace layerctl::topology {
namespace {

std::size_t known_layer(const std::string& name, const LayerNames& names) {
    const auto found = names.find(name);
    if (found != names.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [other, index] : names) known.push_back(other);
    fail(Code::config, "refers to the unknown layer '", name, "'", did_you_mean(name, known));
}

std::size_t index_item(const Value& value) {
    if (value.integer() == nullptr || *value.integer() < 0)
        fail(Code::config, "wanted a node or tensor index of zero or more, found ", excerpt(value));
    return static_cast<std::size_t>(*value.integer());
}

bool has_reference_form(const Value& value) {
    const Value::Array* items = value.array();
    return items != nullptr && items->size() >= 3 && (*items)[0].string() != nullptr &&
           (*items)[1].integer() != nullptr;
}

Argument tensor_argument(const Value::Array& reference, const LayerNames& names) {
    Argument argument;
    argument.kind = Argument::Kind::tensor;
    argument.tensor = {known_layer(*reference[0].string(), names), index_item(reference[1]), index_item(reference[2])};
    return argument;
}

Argument constant_argument(const Value& value) {
    Argument argument;
    argument.constant = value;
    return argument;
}

bool holds_tensor(const Argument& argument) {
    return argument.kind == Argument::Kind::tensor ||
           std::any_of(argument.items.begin(), argument.items.end(), holds_tensor);
}

// Lists and dicts are walked with `leaf`; one without any tensor is a constant as a whole.
template <class Leaf>
Argument walk(const Value& value, const Leaf& leaf) {
    Argument argument;
    if (leaf(value, argument)) return argument;
    if (const Value::Array* items = value.array()) {
        argument.kind = Argument::Kind::list;
        for (const Value& item : *items) argument.items.push_back(walk(item, leaf));
    } else if (const Value::Object* members = value.object()) {
        argument.kind = Argument::Kind::dict;
        for (const auto& [key, item] : *members) {
            argument.keys.push_back(key);
            argument.items.push_back(walk(item, leaf));
        }
    }
    return holds_tensor(argument) ? argument : constant_argument(value);
}

Argument walk_keras3(const Value& value, const LayerNames& names) {
    return walk(value, [&](const Value& part, Argument& out) {
        const Value* class_name = part.find("class_name");
        if (class_name == nullptr || class_name->string() == nullptr || *class_name->string() != "__keras_tensor__")
            return false;
        const Value& history = member(member(part, "config"), "keras_history");
        if (!has_reference_form(history)) fail(Code::config, "wanted [layer, node, tensor], found ", excerpt(history));
        out = tensor_argument(*history.array(), names);
        return true;
    });
}

// In keyword arguments a list of a known layer's name and two integers is a reference, any other list is data.
Argument walk_legacy_kwarg(const Value& value, const LayerNames& names) {
    return walk(value, [&](const Value& part, Argument& out) {
        if (!has_reference_form(part) || part.array()->size() != 3 || !names.contains(*(*part.array())[0].string()))
            return false;
        out = tensor_argument(*part.array(), names);
        return true;
    });
}

bool is_constant_entry(const Value& entry) {
    return has_reference_form(entry) && *(*entry.array())[0].string() == "_CONSTANT_VALUE";
}

// A list of constants among the inputs, as in tf.concat([tf.shape(x), [2]], 0): each has an entry of its own.
bool is_constant_list(const Value& entry) {
    const Value::Array* items = entry.array();
    return items != nullptr && !items->empty() && std::all_of(items->begin(), items->end(), is_constant_entry);
}

// One input of a legacy call: [name, node, tensor] or [name, node, tensor, kwargs].
Argument legacy_entry(const Value& entry, const LayerNames& names) {
    if (is_constant_list(entry)) {
        Value::Array values;
        for (const Value& item : *entry.array()) values.push_back((*item.array())[2]);
        return constant_argument(values);
    }
    if (!has_reference_form(entry)) fail(Code::config, "wanted [layer, node, tensor, kwargs], found ", excerpt(entry));
    const Value::Array& items = *entry.array();
    return is_constant_entry(entry) ? constant_argument(items[2]) : tensor_argument(items, names);
}

const Value* legacy_kwargs(const Value& entry) {
    const Value::Array* items = entry.array();
    return items != nullptr && items->size() > 3 && (*items)[3].object() != nullptr ? &(*items)[3] : nullptr;
}

Call legacy_call(const Value& node, const LayerNames& names) {
    Call call;
    const Value* kwargs = nullptr;
    Argument inputs;
    inputs.kind = Argument::Kind::list;
    if (const Value::Object* members = node.object()) {
        inputs.kind = Argument::Kind::dict;
        for (const auto& [key, entry] : *members) {
            inputs.keys.push_back(key);
            inputs.items.push_back(legacy_entry(entry, names));
            if (kwargs == nullptr) kwargs = legacy_kwargs(entry);
        }
    } else if (has_reference_form(node)) {
        inputs = legacy_entry(node, names);
        kwargs = legacy_kwargs(node);
    } else {
        if (node.array() == nullptr || node.array()->empty())
            fail(Code::config, "wanted the inputs of a call, found ", excerpt(node));
        for (const Value& entry : *node.array()) inputs.items.push_back(legacy_entry(entry, names));
        kwargs = legacy_kwargs(node.array()->front());
        if (inputs.items.size() == 1) inputs = Argument(inputs.items.front());
    }
    call.args.push_back(std::move(inputs));
    if (kwargs != nullptr)
        for (const auto& [key, value] : *kwargs->object())
            call.kwargs.emplace_back(key, walk_legacy_kwarg(value, names));
    return call;
}

Call keras3_call(const Value& node, const LayerNames& names) {
    Call call;
    const Value& args = member(node, "args");
    if (args.array() == nullptr) fail(Code::config, "'args': wanted a list, found ", excerpt(args));
    for (const Value& item : *args.array()) call.args.push_back(walk_keras3(item, names));
    if (const Value* kwargs = node.find("kwargs"); kwargs != nullptr && kwargs->object() != nullptr)
        for (const auto& [key, value] : *kwargs->object()) call.kwargs.emplace_back(key, walk_keras3(value, names));
    return call;
}

}  // namespace

bool is_keras3_form(const Value& nodes) {
    const Value::Array* items = nodes.array();
    return items != nullptr && !items->empty() && items->front().find("args") != nullptr;
}

std::vector<Call> parse_inbound_nodes(const Value& nodes, const LayerNames& names) {
    if (nodes.array() == nullptr) fail(Code::config, "wanted a list of calls, found ", excerpt(nodes));
    std::vector<Call> calls;
    const bool keras3 = is_keras3_form(nodes);
    for (const Value& node : *nodes.array())
        calls.push_back(keras3 ? keras3_call(node, names) : legacy_call(node, names));
    return calls;
}

Argument parse_references(const Value& value, const LayerNames& names) {
    if (has_reference_form(value)) return legacy_entry(value, names);
    Argument argument;
    if (const Value::Array* items = value.array()) {
        argument.kind = Argument::Kind::list;
        for (const Value& item : *items) argument.items.push_back(parse_references(item, names));
    } else if (const Value::Object* members = value.object()) {
        argument.kind = Argument::Kind::dict;
        for (const auto& [key, item] : *members) {
            argument.keys.push_back(key);
            argument.items.push_back(parse_references(item, names));
        }
    } else {
        fail(Code::config, "wanted [layer, node, tensor] or a list or dict of them, found ", excerpt(value));
    }
    return argument;
}

}  // namespace layerctl::topology
