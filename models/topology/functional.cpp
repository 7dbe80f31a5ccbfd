// Functional: layers wired by inbound_nodes, in the forms of Keras 1 to 3 (formats.md 5.1, 5.2).
#include <algorithm>

#include "models/topology/topology.hpp"

namespace layerctl::topology {
namespace {

// Keras numbers the calls of a nested model from 1, because the model itself counts as a call: everywhere in the list
// form; in the form of Keras 3 only in input_layers and output_layers, and only for nested Functionals.
struct NestedOffset {
    std::vector<bool> counts_from_one;

    void apply(TensorRef& reference) const {
        if (counts_from_one[reference.layer] && reference.node > 0) --reference.node;
    }
};

NestedOffset list_form_offset(ModelSpec& model) {
    NestedOffset offset;
    for (const LayerSpec& layer : model.layers) offset.counts_from_one.push_back(layer.model != nullptr);
    const auto seen = [&](const TensorRef& reference) {  // a reference to call 0 gives away a file that counts from 0
        if (reference.node == 0) offset.counts_from_one[reference.layer] = false;
    };
    for (LayerSpec& layer : model.layers)
        for (Call& call : layer.calls)
            for (const TensorRef& reference : call.tensors()) seen(reference);
    for (const TensorRef& reference : model.inputs.tensors()) seen(reference);
    for (const TensorRef& reference : model.outputs.tensors()) seen(reference);
    return offset;
}

NestedOffset keras3_offset(const ModelSpec& model) {
    NestedOffset offset;
    for (const LayerSpec& layer : model.layers)
        offset.counts_from_one.push_back(layer.model != nullptr && layer.model->kind == ModelKind::functional);
    return offset;
}

void correct_nested_indices(ModelSpec& model, bool keras3_form) {
    const NestedOffset offset = keras3_form ? keras3_offset(model) : list_form_offset(model);
    const auto correct = [&](TensorRef& reference) { offset.apply(reference); };
    for_each_tensor(model.inputs, correct);
    for_each_tensor(model.outputs, correct);
    if (keras3_form) return;
    for (LayerSpec& layer : model.layers)
        for (Call& call : layer.calls) {
            for (Argument& argument : call.args) for_each_tensor(argument, correct);
            for (auto& [name, argument] : call.kwargs) for_each_tensor(argument, correct);
        }
}

void check_reference(const ModelSpec& model, const TensorRef& reference, Problems& problems) {
    const LayerSpec& layer = model.layers[reference.layer];
    const std::size_t calls = std::max<std::size_t>(layer.calls.size(), layer.class_name == "InputLayer" ? 1 : 0);
    if (reference.node >= calls)
        problems.add(Error(Code::config,
                           cat("refers to call ", reference.node, " of layer '", layer.name, "', which has ", calls)));
}

void check_references(const ModelSpec& model, Problems& problems) {
    for (const LayerSpec& layer : model.layers) {
        Problems found;
        for (const Call& call : layer.calls)
            for (const TensorRef& reference : call.tensors()) check_reference(model, reference, found);
        problems.attempt([&] { in_context(layer_frame(layer), [&] { found.throw_if_any(); }); });
    }
    Problems outer;
    for (const TensorRef& reference : model.inputs.tensors()) {
        if (model.layers[reference.layer].class_name != "InputLayer")
            outer.add(Error(Code::config,
                            cat("'input_layers': '", model.layers[reference.layer].name, "' is not an InputLayer")));
        check_reference(model, reference, outer);
    }
    for (const TensorRef& reference : model.outputs.tensors()) check_reference(model, reference, outer);
    for (const Error& error : outer.errors()) problems.add(error);
}

}  // namespace

void parse_functional(const Value& config, ModelSpec& model, const Parser& parser) {
    const Value& layers = member(config, "layers");
    const LayerNames names = parse_layers(layers, model, parser);
    Problems problems;
    bool keras3_form = parser.dialect == Dialect::keras3;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const Value* nodes = (*layers.array())[i].find("inbound_nodes");
        if (nodes == nullptr) continue;
        if (nodes->array() != nullptr && !nodes->array()->empty()) keras3_form = is_keras3_form(*nodes);
        problems.attempt([&] {
            in_context(layer_frame(model.layers[i]), [&] {
                in_context("'inbound_nodes'", [&] { model.layers[i].calls = parse_inbound_nodes(*nodes, names); });
            });
        });
    }
    problems.attempt([&] {
        in_context("'input_layers'", [&] { model.inputs = parse_references(member(config, "input_layers"), names); });
    });
    problems.attempt([&] {
        in_context("'output_layers'",
                   [&] { model.outputs = parse_references(member(config, "output_layers"), names); });
    });
    problems.throw_if_any();
    correct_nested_indices(model, keras3_form);
    check_references(model, problems);
    problems.throw_if_any();
    execution_order(model);
}

}  // namespace layerctl::topology
