// Models built in code: the builders write the config Keras 3 would write and have it parsed like a file's.
#include <algorithm>

#include "api/layerctl.hpp"
#include "api/state.hpp"
#include "models/snake_case.hpp"

namespace layerctl {
namespace {

const std::string* layer_name(const Value& layer) {
    const Value* name = layer.find("config")->find("name");
    return name == nullptr ? nullptr : name->string();
}

bool is_taken(const Value::Array& layers, const std::string& name) {
    return std::any_of(layers.begin(), layers.end(), [&](const Value& layer) { return *layer_name(layer) == name; });
}

std::string free_name(const Value::Array& layers, const std::string& class_name) {
    const std::string base = snake_case(class_name);
    std::string name = base;
    for (int i = 1; is_taken(layers, name); ++i) name = base + "_" + std::to_string(i);
    return name;
}

Value batch_shape(const Shape& shape) {
    Value::Array dims = {nullptr};
    for (const std::int64_t dim : shape) dims.push_back(dim < 0 ? Value() : Value(dim));
    return dims;
}

Value entry(const Value::Array& layers, const std::string& class_name, const Config& given) {
    Value config = given.value();
    if (config.find("name") == nullptr) config.set("name", free_name(layers, class_name));
    return Value::object({{"module", "keras.layers"},  // not an operation of that name
                          {"class_name", class_name},
                          {"config", config},
                          {"name", *config.find("name")}});
}

Value input_entry(const Value::Array& layers, const Shape& shape, DType dtype, const std::string& name) {
    Config config{{"batch_shape", batch_shape(shape)}, {"dtype", std::string(dtype_name(dtype))}};
    if (!name.empty()) {
        Value named = config.value();
        named.set("name", name);
        config = Config(named);
    }
    return entry(layers, "InputLayer", config);
}

std::shared_ptr<ModelSpec> parse(const std::string& class_name, Value config) {
    const Config envelope{{"class_name", class_name}, {"config", std::move(config)}};
    auto spec = std::make_shared<ModelSpec>(parse_model(envelope, Dialect::keras3));
    spec->metadata.variant = "code";
    return spec;
}

Value reference(const Value::Array& layers, const Functional::Symbol& symbol) {
    return Value::array({*layer_name(layers.at(symbol.layer)), static_cast<std::int64_t>(symbol.node), 0});
}

Value keras_tensor(const Value::Array& layers, const Functional::Symbol& symbol) {
    return Value::object({{"class_name", "__keras_tensor__"},
                          {"config", Value::object({{"keras_history", reference(layers, symbol)}})}});
}

Value references(const Value::Array& layers, const std::vector<Functional::Symbol>& symbols) {
    Value::Array out;
    for (const Functional::Symbol& symbol : symbols) out.push_back(reference(layers, symbol));
    return out;
}

}  // namespace

Sequential::Sequential(std::string name) : name_(std::move(name)) {}

Sequential& Sequential::input(const Shape& shape, DType dtype) {
    if (!layers_.empty()) fail(Code::usage, "the input comes before all layers");
    layers_.push_back(input_entry(layers_, shape, dtype, ""));
    return *this;
}

Sequential& Sequential::add(const std::string& class_name, const Config& config) {
    layers_.push_back(entry(layers_, class_name, config));
    return *this;
}

Model Sequential::build(std::uint64_t seed, const LoadOptions& options) const {
    return Model(Model::State::from_architecture(
        parse("Sequential", Value::object({{"name", name_}, {"trainable", true}, {"layers", layers_}})), options,
        seed));
}

Functional::Functional(std::string name) : name_(std::move(name)) {}

Functional::Symbol Functional::input(const Shape& shape, DType dtype, const std::string& name) {
    Value layer = input_entry(layers_, shape, dtype, name);
    layer.set("inbound_nodes", Value::Array{});
    layers_.push_back(std::move(layer));
    return {layers_.size() - 1, 0};
}

Functional::SharedLayer Functional::layer(const std::string& class_name, const Config& config) {
    Value layer = entry(layers_, class_name, config);
    layer.set("inbound_nodes", Value::Array{});
    layers_.push_back(std::move(layer));
    return {layers_.size() - 1};
}

Functional::Symbol Functional::call(SharedLayer layer, const std::vector<Symbol>& inputs) {
    Value::Array tensors;
    for (const Symbol& input : inputs) tensors.push_back(keras_tensor(layers_, input));
    Value args = tensors.size() == 1 ? tensors.front() : Value(tensors);
    Value::Array& calls = *layers_.at(layer.layer).find("inbound_nodes")->array();
    calls.push_back(Value::object({{"args", Value::array({std::move(args)})}, {"kwargs", Value::Object{}}}));
    return {layer.layer, calls.size() - 1};
}

Model Functional::build(const std::vector<Symbol>& inputs, const std::vector<Symbol>& outputs, std::uint64_t seed,
                        const LoadOptions& options) const {
    const Value config = Value::object({{"name", name_},
                                        {"trainable", true},
                                        {"layers", layers_},
                                        {"input_layers", references(layers_, inputs)},
                                        {"output_layers", references(layers_, outputs)}});
    return Model(Model::State::from_architecture(parse("Functional", config), options, seed));
}

}  // namespace layerctl
