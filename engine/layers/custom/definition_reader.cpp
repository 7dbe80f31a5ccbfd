#include "engine/layers/custom/definition_reader.hpp"

#include <algorithm>

namespace layerctl::custom {
namespace {

using expressions::Body;
using expressions::Names;
using expressions::Program;

std::vector<std::string> inputs_of(const Part& part) {
    const auto inputs = part.find("inputs");
    if (!inputs) return {"x"};
    std::vector<std::string> names = inputs->names();
    if (names.empty()) inputs->fail("wanted one input or more, found none");
    return names;
}

Parameters parameters_of(const Part& part) {
    Parameters parameters;
    if (const auto config = part.find("config"))
        for (const auto& [name, value] : config->members()) {
            if (!is_identifier(name)) value.fail("wanted a name that an expression can hold");
            parameters.emplace_back(name, value.value());
        }
    return parameters;
}

std::vector<std::string> names_of(const Parameters& parameters) {
    std::vector<std::string> names;
    for (const auto& parameter : parameters) names.push_back(parameter.first);
    return names;
}

/// A program of one value: a sequence of the dimensions at `part`, an array of numbers and expressions.
Program shape_program(const Part& part, const Names& names) {
    std::vector<expressions::Node> dims;
    if (part.value().array() == nullptr) dims.push_back(node_of(part));
    else
        for (const Part& item : part.items()) dims.push_back(node_of(item));
    const bool whole = part.value().array() == nullptr && part.value().string() != nullptr;
    expressions::Statement statement;
    statement.place = part.place();
    statement.value =
        whole ? std::move(dims[0]) : expressions::make_node(expressions::Node::Kind::tuple, 1, "", std::move(dims));
    return Program({std::move(statement)}, names);
}

Initializer initializer_of(const Part& part) {
    Initializer initializer = Initializer::glorot_uniform();
    if (const auto given = part.find("initializer"))
        in_context(given->place(), [&] {
            if (!ConfigField<Initializer>::read(given->value(), initializer, Dialect::keras3))
                given->fail("wanted an initializer, found " + excerpt(given->value()));
        });
    return initializer;
}

std::optional<DType> dtype_of(const Part& part) {
    const auto given = part.find("dtype");
    if (!given) return std::nullopt;
    const std::optional<DType> dtype = parse_dtype(given->text());
    if (!dtype) given->fail("wanted a dtype, found '" + given->text() + "'");
    return dtype;
}

std::string name_of(const Part& part) {
    const Part name = part.at("name");
    if (!is_identifier(name.text()))
        name.fail("wanted a name that an expression can hold, found '" + name.text() + "'");
    return name.text();
}

class LayerReader {
public:
    LayerReader(const Part& part, const Globals& globals) : part_(part), globals_(globals) {}

    LayerDefinition layer() {
        part_.allow({"class_name", "inputs", "config", "ignore", "weights", "layers", "call", "mask", "alias"});
        if (const auto alias = part_.find("alias")) return alias_of(*alias);
        if (const auto name = part_.find("class_name")) definition_.python_class = name->text();
        definition_.passes_mask = passes_mask();
        read_common();
        definition_.call = call();
        return std::move(definition_);
    }

    LayerDefinition cell() {
        part_.allow({"inputs", "config", "ignore", "weights", "layers", "states", "output_size", "call"});
        definition_.is_cell = true;
        read_common();
        if (definition_.inputs.size() != 1) part_.fail("wanted one input of a cell beside its states");
        for (const auto& [name, shape] : part_.at("states").members()) {
            if (!is_identifier(name)) shape.fail("wanted a name that an expression can hold");
            definition_.states.push_back({name, shape_program(shape, shape_names())});
        }
        if (definition_.states.empty()) part_.fail("wanted one state or more");
        if (const auto size = part_.find("output_size")) definition_.output_size = shape_program(*size, shape_names());
        definition_.call = call();
        return std::move(definition_);
    }

private:
    LayerDefinition alias_of(const Part& alias) const {
        part_.allow({"alias"});
        alias.allow({"class_name", "config"});
        LayerDefinition definition;
        Value config = Value::Object{};
        if (const auto given = alias.find("config")) {
            given->members();
            config = given->value();
        }
        definition.alias = PartDefinition{alias.at("class_name").text(), std::move(config)};
        return definition;
    }

    bool passes_mask() const {
        const auto mask = part_.find("mask");
        if (!mask || mask->text() == "stop") return false;
        if (mask->text() != "pass") mask->fail("wanted 'pass' or 'stop', found '" + mask->text() + "'");
        return true;
    }

    void read_common() {
        definition_.inputs = inputs_of(part_);
        definition_.config = parameters_of(part_);
        if (const auto ignored = part_.find("ignore"))
            for (const Part& item : ignored->items()) definition_.ignored.push_back(item.text());
        if (const auto weights = part_.find("weights"))
            for (const Part& item : weights->items()) definition_.weights.push_back(weight(item));
        if (const auto layers = part_.find("layers"))
            for (const auto& [name, item] : layers->members()) definition_.parts.push_back(sub_layer(name, item));
        refuse_doubles();
    }

    WeightDefinition weight(const Part& part) const {
        part.allow({"name", "shape", "initializer", "trainable", "dtype"});
        WeightDefinition weight{name_of(part), shape_program(part.at("shape"), shape_names()), initializer_of(part),
                                true, dtype_of(part)};
        if (const auto trainable = part.find("trainable")) weight.trainable = trainable->flag();
        return weight;
    }

    PartDefinition sub_layer(const std::string& name, const Part& part) const {
        if (!is_identifier(name)) part.fail("wanted a name that an expression can hold");
        part.allow({"class_name", "config", "registered_name"});
        part.at("class_name").text();
        if (const auto config = part.find("config")) check_references(*config);
        return {name, part.value()};
    }

    /// Every "$name" stands for a config value.
    void check_references(const Part& part) const {
        if (const std::string* text = part.value().string(); text != nullptr && text->starts_with('$')) {
            const std::vector<std::string> names = names_of(definition_.config);
            if (std::find(names.begin(), names.end(), text->substr(1)) == names.end())
                part.fail("'" + text->substr(1) + "' is not in 'config'");
        }
        if (part.value().object() != nullptr)
            for (const auto& member : part.members()) check_references(member.second);
        if (part.value().array() != nullptr)
            for (const Part& item : part.items()) check_references(item);
    }

    void refuse_doubles() const {
        std::vector<std::string> names = definition_.inputs;
        for (const auto& parameter : definition_.config) names.push_back(parameter.first);
        for (const WeightDefinition& weight : definition_.weights) names.push_back(weight.name);
        for (const PartDefinition& part : definition_.parts) names.push_back(part.name);
        std::sort(names.begin(), names.end());
        const auto twice = std::adjacent_find(names.begin(), names.end());
        if (twice != names.end())
            part_.fail("'" + *twice +
                       "' is the name of two things among inputs, config values, weights and sub-layers");
    }

    Names shape_names() const {
        Names names{.variables = definition_.inputs, .attributes = names_of(definition_.config), .parts = {}};
        add_globals(names);
        return names;
    }

    Program call() const {
        Names names{.variables = definition_.inputs, .attributes = {}, .parts = {}};
        if (definition_.is_cell) {
            names.owner = "cell";
            names.variables.push_back("states");
            for (const StateDefinition& state : definition_.states) names.variables.push_back(state.name);
        }
        for (const WeightDefinition& weight : definition_.weights) names.attributes.push_back(weight.name);
        for (const PartDefinition& part : definition_.parts) names.parts.push_back(part.name);
        for (const auto& parameter : definition_.config) {
            names.attributes.push_back(parameter.first);
            names.parts.push_back(parameter.first);
        }
        add_globals(names);
        return Program(body_of(part_.at("call")), names);
    }

    void add_globals(Names& names) const {
        names.constant = globals_.constant;
        names.function = globals_.function;
        names.function_names = globals_.function_names;
    }

    const Part& part_;
    const Globals& globals_;
    LayerDefinition definition_;
};

}  // namespace

LayerDefinition read_layer(const Part& part, const Globals& globals) { return LayerReader(part, globals).layer(); }
LayerDefinition read_cell(const Part& part, const Globals& globals) { return LayerReader(part, globals).cell(); }

std::shared_ptr<const expressions::UserFunction> read_function(const Part& part, const Globals& globals) {
    Names names{.owner = "function", .variables = {"x"}, .attributes = {}, .parts = {}};
    names.constant = globals.constant;
    names.function = globals.function;
    names.function_names = globals.function_names;
    if (part.value().object() == nullptr)
        return std::make_shared<expressions::UserFunction>(names.variables, Parameters{},
                                                           Program(body_of(part), names));
    part.allow({"inputs", "config", "call"});
    const std::vector<std::string> inputs = inputs_of(part);
    const Parameters parameters = parameters_of(part);
    names.variables = inputs;
    for (const auto& parameter : parameters) names.variables.push_back(parameter.first);
    return std::make_shared<expressions::UserFunction>(inputs, parameters, Program(body_of(part.at("call")), names));
}

}  // namespace layerctl::custom
