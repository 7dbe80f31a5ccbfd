// Calls in the form of Keras 2 (lists) and of Keras 3 (args and kwargs).
#include <algorithm>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// What the arguments of `call` after the first are called.
struct Positional {
    std::string_view classes;
    std::vector<std::string_view> names;
};
const std::vector<Positional>& positional() {
    static const std::vector<Positional> rows = {
        {recurrent_layers, {"initial_state", "mask", "training"}},
        {"MultiHeadAttention GroupQueryAttention GroupedQueryAttention", {"value", "key"}},
        {"Attention AdditiveAttention", {"mask", "training"}},
    };
    return rows;
}

std::int64_t as_integer(std::size_t n) { return static_cast<std::int64_t>(n); }

bool is_null(const Argument& argument) {
    if (argument.kind == Argument::Kind::constant && argument.constant.is_null()) return true;
    const Value::Array* items = argument.kind == Argument::Kind::constant ? argument.constant.array() : nullptr;
    return items != nullptr && !items->empty() &&
           std::all_of(items->begin(), items->end(), [](const Value& item) { return item.is_null(); });
}

Argument list_of(std::vector<Argument> items) {
    Argument list;
    list.kind = Argument::Kind::list;
    list.items = std::move(items);
    return list;
}

/// A call as its first argument and all others by name, without those that say nothing of inference.
struct Named {
    Argument inputs;
    std::vector<std::pair<std::string, Argument>> rest;
};

Named named(const LayerSpec& layer, const Call& call) {
    Named out;
    if (call.args.empty()) fail(Code::unsupported, "a call without a positional argument is not translated");
    out.inputs = call.args.front();
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        if (is_null(call.args[i])) continue;
        const Positional* row = nullptr;
        for (const Positional& candidate : positional())
            if (is_one_of(layer.class_name, candidate.classes)) row = &candidate;
        if (row == nullptr || i > row->names.size())
            fail(Code::unsupported, "a call with ", call.args.size(), " positional arguments is not translated");
        out.rest.emplace_back(std::string(row->names[i - 1]), call.args[i]);
    }
    for (const auto& [name, argument] : call.kwargs)
        if (!is_null(argument) && name != "training") out.rest.emplace_back(name, argument);
    return out;
}

/// Keras 2 lists the states of a recurrent layer after its input.
void split_states(const LayerSpec& layer, Named& call) {
    if (!is_one_of(layer.class_name, recurrent_layers) || call.inputs.kind != Argument::Kind::list) return;
    std::vector<Argument> states(call.inputs.items.begin() + 1, call.inputs.items.end());
    call.inputs = Argument(call.inputs.items.front());
    if (!states.empty()) call.rest.emplace_back("initial_state", list_of(std::move(states)));
}

void join_states(const LayerSpec& layer, Named& call) {
    if (!is_one_of(layer.class_name, recurrent_layers)) return;
    for (auto entry = call.rest.begin(); entry != call.rest.end(); ++entry) {
        if (entry->first != "initial_state") continue;
        std::vector<Argument> items = {call.inputs};
        if (entry->second.kind == Argument::Kind::list)
            items.insert(items.end(), entry->second.items.begin(), entry->second.items.end());
        else items.push_back(entry->second);
        call.rest.erase(entry);
        call.inputs = list_of(std::move(items));
        return;
    }
}

Value keras_tensor(const ModelSpec& model, const TensorRef& reference, const Task& task) {
    const LayerSpec& layer = model.layers[reference.layer];
    const TensorFacts facts = task.facts(layer, reference.node, reference.tensor);
    const Value history = Value::array({layer.name, as_integer(reference.node), as_integer(reference.tensor)});
    return Value::object(
        {{"class_name", "__keras_tensor__"},
         {"config", Value::object({{"shape", facts.shape}, {"dtype", facts.dtype}, {"keras_history", history}})}});
}

template <class Leaf>
Value written(const Argument& argument, const Leaf& leaf) {
    switch (argument.kind) {
        case Argument::Kind::tensor: return leaf(argument.tensor);
        case Argument::Kind::constant: return argument.constant;
        case Argument::Kind::list: {
            Value::Array items;
            for (const Argument& item : argument.items) items.push_back(written(item, leaf));
            return items;
        }
        case Argument::Kind::dict: {
            Value::Object members;
            for (std::size_t i = 0; i < argument.items.size(); ++i)
                members.emplace_back(argument.keys[i], written(argument.items[i], leaf));
            return members;
        }
    }
    fail(Code::internal, "an argument of no kind");
}

/// Keras 2 counts the calls of a nested model from 1.
Value::Array list_reference(const ModelSpec& model, const TensorRef& reference) {
    const LayerSpec& layer = model.layers[reference.layer];
    const std::size_t first = layer.model != nullptr ? 1 : 0;
    return {layer.name, as_integer(reference.node + first), as_integer(reference.tensor)};
}

Value keras3_node(const ModelSpec& model, const Call& call, const Task& task) {
    const auto leaf = [&](const TensorRef& reference) { return keras_tensor(model, reference, task); };
    Value::Array args;
    for (const Argument& argument : call.args) args.push_back(written(argument, leaf));
    Value::Object kwargs;
    for (const auto& [name, argument] : call.kwargs) kwargs.emplace_back(name, written(argument, leaf));
    return Value::object({{"args", args}, {"kwargs", kwargs}});
}

Value keras2_entry(const ModelSpec& model, const Argument& argument, const Value& kwargs) {
    if (argument.kind == Argument::Kind::constant)
        return Value::array({"_CONSTANT_VALUE", -1, argument.constant, kwargs});
    if (argument.kind != Argument::Kind::tensor)
        fail(Code::unsupported, "Keras 2 takes no lists of lists of tensors in a call");
    Value::Array entry = list_reference(model, argument.tensor);
    entry.push_back(kwargs);
    return entry;
}

/// A node of Keras 2. Operations on one tensor leave out the list around it.
Value keras2_node(const ModelSpec& model, const Named& call, bool is_operation) {
    Value::Object kwargs;
    const auto leaf = [&](const TensorRef& reference) { return Value(list_reference(model, reference)); };
    for (const auto& [name, argument] : call.rest) kwargs.emplace_back(name, written(argument, leaf));
    const Argument& inputs = call.inputs;
    if (inputs.kind == Argument::Kind::dict) {
        Value::Object members;
        for (std::size_t i = 0; i < inputs.items.size(); ++i)
            members.emplace_back(inputs.keys[i], keras2_entry(model, inputs.items[i], kwargs));
        return members;
    }
    if (inputs.kind != Argument::Kind::list) {
        const Value entry = keras2_entry(model, inputs, kwargs);
        return is_operation ? entry : Value(Value::Array{entry});
    }
    Value::Array entries;
    for (const Argument& item : inputs.items) entries.push_back(keras2_entry(model, item, kwargs));
    return entries;
}

}  // namespace

Value inbound_nodes(const ModelSpec& model, const LayerSpec& layer, const std::vector<Call>& calls, bool is_operation,
                    const Task& task) {
    Value::Array nodes;
    for (const Call& call : calls) {
        if (is_operation && task.to_keras3()) {
            nodes.push_back(keras3_node(model, call, task));
            continue;
        }
        Named by_name = named(layer, call);
        if (task.to_keras3()) {
            split_states(layer, by_name);
            nodes.push_back(keras3_node(model, {{by_name.inputs}, by_name.rest}, task));
        } else {
            join_states(layer, by_name);
            nodes.push_back(keras2_node(model, by_name, is_operation));
        }
    }
    return nodes;
}

Value references(const ModelSpec& model, const Argument& argument, const Task& task) {
    const auto leaf = [&](const TensorRef& reference) {
        const LayerSpec& layer = model.layers[reference.layer];
        const bool is_functional = layer.model != nullptr && layer.model->kind == ModelKind::functional;
        const std::size_t first = layer.model != nullptr && (is_functional || !task.to_keras3()) ? 1 : 0;
        return Value(Value::array({layer.name, as_integer(reference.node + first), as_integer(reference.tensor)}));
    };
    const bool single = argument.kind == Argument::Kind::tensor;
    const bool list_of_one = argument.kind == Argument::Kind::list && argument.items.size() == 1;
    if (!task.to_keras3()) return single ? Value(Value::Array{written(argument, leaf)}) : written(argument, leaf);
    return written(list_of_one ? argument.items.front() : argument, leaf);
}

}  // namespace layerctl::dialects
