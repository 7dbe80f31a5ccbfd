// Sequential: a list of layers, each called once on what the one before it returns (formats.md 5.3).
#include "models/topology/topology.hpp"

namespace layerctl::topology {
namespace {

Argument tensor_argument(std::size_t layer) {
    Argument argument;
    argument.kind = Argument::Kind::tensor;
    argument.tensor = {layer, 0, 0};
    return argument;
}

const Value* shape_member(const Value* object, std::string_view key) {
    const Value* shape = object == nullptr ? nullptr : object->find(key);
    return shape != nullptr && shape->array() != nullptr ? shape : nullptr;
}

// The input shape with batch, from the first place that states it.
const Value* stated_input_shape(const Value& envelope, const Value& config, const LayerSpec& first) {
    const Value& first_config = first.config.value();
    for (const Value* shape :
         {shape_member(&first_config, "batch_input_shape"), shape_member(&first_config, "batch_shape"),
          shape_member(&config, "build_input_shape"), shape_member(envelope.find("build_config"), "input_shape"),
          shape_member(&first.build_config, "input_shape")})
        if (shape != nullptr) return shape;
    if (first.model == nullptr || first.model->layers.empty()) return nullptr;
    const Value& inner = first.model->layers[first.model->inputs.tensors().front().layer].config.value();
    const Value* shape = shape_member(&inner, "batch_shape");
    return shape != nullptr ? shape : shape_member(&inner, "batch_input_shape");
}

const Value* input_dtype(const LayerSpec& first) {
    if (const Value* dtype = first.config.find("input_dtype")) return dtype;  // of Keras 1
    if (first.model == nullptr) return first.config.find("dtype");
    return first.model->layers[first.model->inputs.tensors().front().layer].config.find("dtype");
}

// The InputLayer Keras would add before a first layer that states its shape itself.
LayerSpec implicit_input(const Value& envelope, const Value& config, const LayerSpec& first) {
    LayerSpec input;
    input.class_name = "InputLayer";
    input.name = first.name + "_input";
    input.implicit = true;
    Value fields = Value::object({{"name", input.name}});
    const Value* shape = stated_input_shape(envelope, config, first);
    fields.set("batch_shape", shape == nullptr ? Value() : *shape);
    if (const Value* dtype = input_dtype(first); dtype != nullptr) fields.set("dtype", *dtype);
    input.config = Config(std::move(fields));
    return input;
}

}  // namespace

void parse_sequential(const Value& envelope, const Value& config, ModelSpec& model, const Parser& parser) {
    const Value& layers = config.array() != nullptr ? config : member(config, "layers");
    parse_layers(layers, model, parser);
    if (model.layers.front().class_name != "InputLayer")
        model.layers.insert(model.layers.begin(), implicit_input(envelope, config, model.layers.front()));
    for (std::size_t i = 1; i < model.layers.size(); ++i) {
        Call call;
        call.args.push_back(tensor_argument(i - 1));
        model.layers[i].calls.push_back(std::move(call));
    }
    model.inputs = tensor_argument(0);
    model.outputs = tensor_argument(model.layers.size() - 1);
}

}  // namespace layerctl::topology
