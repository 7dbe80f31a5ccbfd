// The envelope of models and layers: {"class_name": …, "config": …, "name": …, "inbound_nodes": …} (formats.md 5).
#include "models/keras1/keras1.hpp"
#include "models/limits.hpp"
#include "models/snake_case.hpp"
#include "models/topology/topology.hpp"

namespace layerctl {
namespace topology {
namespace {

// "package>Name" is the registered name of class Name.
void set_class(LayerSpec& layer, const std::string& class_name) {
    const std::size_t bracket = class_name.rfind('>');
    layer.class_name = bracket == std::string::npos ? class_name : class_name.substr(bracket + 1);
    if (bracket != std::string::npos) layer.registered_name = class_name;
}

// Custom layers may leave their name out of their config; Keras then names them after their class.
std::string layer_name(const Value& entry, const Value& config, const std::string& class_name) {
    for (const Value* name : {entry.find("name"), config.find("name")}) {
        if (name == nullptr) continue;
        if (name->string() == nullptr) fail(Code::config, "'name': wanted a string, found ", excerpt(*name));
        return *name->string();
    }
    return snake_case(class_name);
}

// Subclasses of Functional keep its config under their own class name.
bool looks_like_model(const std::string& class_name, const Value& config) {
    return is_model_class(class_name) || (config.find("layers") != nullptr && config.find("input_layers") != nullptr);
}

}  // namespace

const Value& member(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    if (value == nullptr) fail(Code::config, "wanted a member '", key, "', found ", excerpt(object));
    return *value;
}

const std::string& string_member(const Value& object, std::string_view key) {
    const Value& value = member(object, key);
    if (value.string() == nullptr) fail(Code::config, "'", key, "': wanted a string, found ", excerpt(value));
    return *value.string();
}

LayerSpec parse_layer(const Value& given, const Parser& parser) {
    if (given.object() == nullptr) fail(Code::config, "wanted a layer object, found ", excerpt(given));
    std::optional<Value> modern;
    if (parser.dialect == Dialect::keras1) modern = keras1::translated(given, parser.dim_ordering);
    const Value& entry = modern ? *modern : given;
    LayerSpec layer;
    set_class(layer, string_member(entry, "class_name"));
    const Value& config = member(entry, "config");
    layer.name = layer_name(entry, config, layer.class_name);
    if (const Value* module = entry.find("module"); module != nullptr && module->string() != nullptr)
        layer.module = *module->string();
    if (const Value* registered = entry.find("registered_name");
        registered != nullptr && registered->string() != nullptr)
        layer.registered_name = *registered->string();
    if (const Value* build = entry.find("build_config")) layer.build_config = *build;
    layer.config = parser.config(config);
    if (looks_like_model(layer.class_name, config))
        in_context(layer_frame(layer),
                   [&] { layer.model = std::make_shared<ModelSpec>(parse_envelope(entry, parser)); });
    return layer;
}

LayerNames parse_layers(const Value& layers, ModelSpec& model, const Parser& parser) {
    if (layers.array() == nullptr) fail(Code::config, "'layers': wanted a list, found ", excerpt(layers));
    if (layers.array()->empty()) fail(Code::config, "'layers': wanted at least one layer, found none");
    if (layers.array()->size() > limits::layers) fail(Code::refused, "more than ", limits::layers, " layers");
    Problems problems;
    LayerNames names;
    for (std::size_t i = 0; i < layers.array()->size(); ++i)
        problems.attempt([&] {
            LayerSpec layer =
                in_context(cat("layers[", i, "]"), [&] { return parse_layer((*layers.array())[i], parser); });
            if (!names.emplace(layer.name, model.layers.size()).second)
                fail(Code::config, "layer name '", layer.name, "' is used twice");
            model.layers.push_back(std::move(layer));
        });
    problems.throw_if_any();
    return names;
}

ModelSpec parse_envelope(const Value& envelope, const Parser& parser) {
    if (envelope.object() == nullptr) fail(Code::config, "wanted a model object, found ", excerpt(envelope));
    if (parser.depth >= limits::model_depth)
        fail(Code::refused, "models nested more than ", limits::model_depth, " deep");
    if (parser.dialect == Dialect::keras1)
        if (const std::optional<Value> functional = keras1::unmerged(envelope)) {
            ModelSpec model = parse_envelope(*functional, parser);
            model.class_name = string_member(envelope, "class_name");
            model.config = parser.config(member(envelope, "config"));
            return model;
        }
    ModelSpec model;
    model.class_name = string_member(envelope, "class_name");
    model.dialect = parser.dialect;
    const Value& config = member(envelope, "config");
    if (!looks_like_model(model.class_name, config))
        fail(Code::unsupported, "wanted a Sequential or Functional model, found class '", model.class_name, "'");
    model.kind = model.class_name == "Sequential" ? ModelKind::sequential : ModelKind::functional;
    model.config = parser.config(config);
    if (const Value* name = config.find("name"); name != nullptr && name->string() != nullptr)
        model.name = *name->string();
    else if (const Value* outer = envelope.find("name"); outer != nullptr && outer->string() != nullptr)
        model.name = *outer->string();
    else model.name = "sequential";
    Parser inner = parser;
    ++inner.depth;
    if (model.kind == ModelKind::sequential) parse_sequential(envelope, config, model, inner);
    else parse_functional(config, model, inner);
    return model;
}

}  // namespace topology

bool is_model_class(const std::string& class_name) {
    return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

ModelSpec parse_model(const Config& envelope, Dialect dialect) {
    const topology::Parser parser{
        .source = envelope.source(),
        .dialect = dialect,
        .depth = 0,
        .dim_ordering = dialect == Dialect::keras1 ? keras1::dim_ordering(envelope.value()) : ""};
    return topology::parse_envelope(envelope.value(), parser);
}

std::string layer_frame(const LayerSpec& layer) { return "layer '" + layer.name + "' (" + layer.class_name + ")"; }

bool LayerSpec::trainable() const {
    const Value* flag = config.find("trainable");
    return flag == nullptr || flag->boolean() == nullptr || *flag->boolean();
}

std::vector<TensorRef> Argument::tensors() const {
    std::vector<TensorRef> found;
    if (kind == Kind::tensor) found.push_back(tensor);
    for (const Argument& item : items) {
        const std::vector<TensorRef> inner = item.tensors();
        found.insert(found.end(), inner.begin(), inner.end());
    }
    return found;
}

const Argument* Call::kwarg(std::string_view name) const {
    for (const auto& [key, argument] : kwargs)
        if (key == name) return &argument;
    return nullptr;
}

std::vector<TensorRef> Call::tensors() const {
    Argument all{.kind = Argument::Kind::list, .tensor = {}, .constant = {}, .items = args, .keys = {}};
    for (const auto& [name, argument] : kwargs) all.items.push_back(argument);
    return all.tensors();
}

}  // namespace layerctl
