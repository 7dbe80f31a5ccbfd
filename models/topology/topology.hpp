// What the parts of the model parser share. Internal to models/topology.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "models/error.hpp"
#include "models/model_spec.hpp"

namespace layerctl::topology {

using LayerNames = std::map<std::string, std::size_t, std::less<>>;

/// State of one parse: where values came from, what they mean, how deep it is.
struct Parser {
    std::shared_ptr<const std::string> source;
    Dialect dialect = Dialect::keras2;
    std::size_t depth = 0;
    std::string dim_ordering;  // of Keras 1: for layers that do not state theirs

    Config config(const Value& value) const { return Config(value, source); }
};

/// Reads class_name, name, module, config … of a layer entry, and its nested model; calls are left empty.
LayerSpec parse_layer(const Value& entry, const Parser& parser);

/// Reads a model's list of layers into `model.layers`; their indices by name. A name used twice is a problem.
LayerNames parse_layers(const Value& layers, ModelSpec& model, const Parser& parser);

/// The model inside an envelope.
ModelSpec parse_envelope(const Value& envelope, const Parser& parser);

/// Fills layers, inputs and outputs from a Sequential's config, an object or (before Keras 2.2) a list.
void parse_sequential(const Value& envelope, const Value& config, ModelSpec& model, const Parser& parser);

/// The same for a Functional's config.
void parse_functional(const Value& config, ModelSpec& model, const Parser& parser);

/// The calls in a layer's `inbound_nodes`. References are to the indices in `names`, checked for existence only.
std::vector<Call> parse_inbound_nodes(const Value& nodes, const LayerNames& names);

/// `input_layers` or `output_layers`: one reference, or lists and dicts of them.
Argument parse_references(const Value& value, const LayerNames& names);

/// True if `inbound_nodes` has the form of Keras 3: objects with args and kwargs.
bool is_keras3_form(const Value& nodes);

/// Calls `visit` on every tensor reference inside.
template <class Visit>
void for_each_tensor(Argument& argument, const Visit& visit) {
    if (argument.kind == Argument::Kind::tensor) visit(argument.tensor);
    for (Argument& item : argument.items) for_each_tensor(item, visit);
}

/// The member of that name; Code::config if it is missing.
const Value& member(const Value& object, std::string_view key);

/// The same, and it must be a string.
const std::string& string_member(const Value& object, std::string_view key);

}  // namespace layerctl::topology
