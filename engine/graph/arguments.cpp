#include "engine/graph/arguments.hpp"

#include <algorithm>

namespace layerctl {
namespace {

bool is_null(const Argument& argument) {
    return argument.kind == Argument::Kind::constant && argument.constant.is_null();
}

void append_tensors(const Argument& argument, const EdgeOf& edge_of, std::vector<EdgeId>& edges) {
    if (argument.kind == Argument::Kind::tensor) edges.push_back(edge_of(argument.tensor));
    else if (is_null(argument)) edges.push_back(no_edge);
    else if (argument.kind == Argument::Kind::constant)
        fail(Code::unsupported, "wanted a tensor, found the constant ", excerpt(argument.constant));
    for (const Argument& item : argument.items) append_tensors(item, edge_of, edges);
}

NodeInputs positional_inputs(const Call& call, const EdgeOf& edge_of) {
    NodeInputs inputs;
    if (const Argument* named = call.kwarg("inputs")) append_tensors(*named, edge_of, inputs.tensors);
    for (const Argument& argument : call.args) append_tensors(argument, edge_of, inputs.tensors);
    while (!inputs.tensors.empty() && inputs.tensors.back() == no_edge) inputs.tensors.pop_back();
    return inputs;
}

bool takes_many(const std::string& name) { return name.ends_with("..."); }

std::string keyword(const std::string& name) { return takes_many(name) ? name.substr(0, name.size() - 3) : name; }

void put_argument(const std::string& name, std::size_t place, const Argument& argument, const EdgeOf& edge_of,
                  std::vector<EdgeId>& edges) {
    std::vector<EdgeId> given;
    in_context("call argument '" + keyword(name) + "'", [&] { append_tensors(argument, edge_of, given); });
    if (!takes_many(name) && argument.kind != Argument::Kind::tensor)
        fail(Code::unsupported, "call argument '", name, "': wanted a tensor, found a list");
    if (edges.size() < place + given.size()) edges.resize(place + given.size(), no_edge);
    std::copy(given.begin(), given.end(), edges.begin() + static_cast<std::ptrdiff_t>(place));
}

NodeInputs named_inputs(const std::vector<std::string>& names, const Call& call, const EdgeOf& edge_of) {
    NodeInputs inputs = positional_inputs(call, edge_of);
    if (inputs.tensors.size() > names.size() && !takes_many(names.back()))
        fail(Code::config, "wanted at most ", names.size(), " tensors in a call, found ", inputs.tensors.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Argument* argument = call.kwarg(keyword(names[i]));
        if (argument != nullptr && !is_null(*argument)) put_argument(names[i], i, *argument, edge_of, inputs.tensors);
    }
    return inputs;
}

/// The dictionary of tensors a call consists of; nullptr if it does not.
const Argument* only_dict(const Call& call) {
    return call.args.size() == 1 && call.args[0].kind == Argument::Kind::dict ? &call.args[0] : nullptr;
}

/// The entries of a dictionary under these keys; Keras takes no notice of others.
std::vector<EdgeId> entries(const Argument& dict, const std::vector<std::string>& keys, const EdgeOf& edge_of) {
    std::vector<EdgeId> edges;
    for (const std::string& key : keys) {
        const auto found = std::find(dict.keys.begin(), dict.keys.end(), key);
        if (found == dict.keys.end()) fail(Code::config, "wanted an input '", key, "', it is missing");
        append_tensors(dict.items[static_cast<std::size_t>(found - dict.keys.begin())], edge_of, edges);
    }
    return edges;
}

void refuse_unknown_tensors(const std::vector<std::string>& names, const Call& call) {
    for (const auto& [key, argument] : call.kwargs) {
        if (argument.tensors().empty() || key == "mask" || key == "inputs") continue;
        const auto same = [&](const std::string& name) { return keyword(name) == key; };
        if (std::none_of(names.begin(), names.end(), same))
            fail(Code::unsupported, "call argument '", key, "' is not supported as a tensor");
    }
}

/// Keras 3 hands a tensor's own mask to a call with one tensor argument; a recurrent layer that is given states as well
/// runs without it.
bool masks_pass_by(const std::vector<std::string>& names, const NodeInputs& inputs, Dialect dialect) {
    return dialect == Dialect::keras3 && inputs.masks.empty() && inputs.tensors.size() > 1 && !names.empty() &&
           keyword(names.back()) == "initial_state";
}

}  // namespace

NodeInputs node_inputs(const Layer& layer, const Call& call, const EdgeOf& edge_of) {
    if (layer.binds_call()) {
        NodeInputs inputs;
        for (const TensorRef& reference : call.tensors()) inputs.tensors.push_back(edge_of(reference));
        return inputs;
    }
    const std::vector<std::string> names = layer.call_arguments();
    refuse_unknown_tensors(names, call);
    NodeInputs inputs;
    if (names.empty()) inputs = positional_inputs(call, edge_of);
    else if (const Argument* dict = only_dict(call)) inputs.tensors = entries(*dict, names, edge_of);
    else inputs = named_inputs(names, call, edge_of);
    if (const Argument* mask = call.kwarg("mask"); mask != nullptr && !mask->tensors().empty()) {
        append_tensors(*mask, edge_of, inputs.masks);
        inputs.masks.resize(inputs.tensors.size(), no_edge);
    }
    inputs.masks_pass_by = masks_pass_by(names, inputs, layer.context().dialect);
    return inputs;
}

// `training=True` in a call counts in Keras 2; in Keras 3 predict puts its own value in place of the recorded one.
Value call_options(const Call& call, Dialect dialect) {
    Value options = Value::Object{};
    for (const auto& [key, argument] : call.kwargs) {
        if (argument.kind != Argument::Kind::constant || argument.constant.is_null()) continue;
        if (key == "training" && argument.constant == Value(true) && dialect != Dialect::keras3)
            fail(Code::unsupported, "call argument 'training': only inference is supported, found true");
        if (key != "training" && key != "inputs") options.set(key, argument.constant);
    }
    return options;
}

namespace {

/// `mask: [null, null]`, as Keras 3 records it for models of several inputs.
bool all_null(const Value& value) {
    const Value::Array* items = value.array();
    return value.is_null() || (items != nullptr && std::all_of(items->begin(), items->end(), all_null));
}

}  // namespace

std::vector<EdgeId> nested_inputs(const ModelSpec& model, const Call& call, Dialect dialect, const EdgeOf& edge_of) {
    refuse_unknown_tensors({}, call);
    const Value options = call_options(call, dialect);
    for (const auto& [key, value] : *options.object())
        if (key != "mask" || !all_null(value)) fail(Code::unsupported, "call argument '", key, "' of a nested model");
    const Argument* dict = only_dict(call);
    if (dict == nullptr || model.inputs.kind != Argument::Kind::dict) return positional_inputs(call, edge_of).tensors;
    return entries(*dict, model.inputs.keys, edge_of);
}

}  // namespace layerctl
