#include "engine/layers/custom/part_call.hpp"

#include <algorithm>

#include "engine/composite.hpp"
#include "engine/expressions/op_call.hpp"

namespace layerctl::custom {
namespace {

using expressions::Item;
using expressions::Purpose;

/// Tensors in the places of the layer's inputs; null where an optional one is missing.
void append_tensors(const Item& item, std::vector<Item>& inputs) {
    if (item.kind == Item::Kind::sequence) {
        for (const Item& inner : item.items) append_tensors(inner, inputs);
        return;
    }
    if (!item.is_tensor() && !item.is_null())
        fail(Code::unsupported, "wanted a tensor, found ", expressions::described(item));
    inputs.push_back(item);
}

std::string keyword_of(const std::string& name) {
    return name.ends_with("...") ? name.substr(0, name.size() - 3) : name;
}

void place_named(const Layer& layer, const std::string& name, const Item& item, std::vector<Item>& inputs) {
    if (name == "training" && item.is_constant() && (item.is_null() || item.constant == Value(false))) return;
    if (name == "mask" && item.is_null()) return;
    const std::vector<std::string> names = layer.call_arguments();
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const std::string& n) { return keyword_of(n) == name; });
    const auto at = static_cast<std::size_t>(found - names.begin());
    if (found == names.end() || !item.is_tensor())
        fail(Code::unsupported, "argument '", name, "' in the call of a sub-layer, found ",
             expressions::described(item));
    if (inputs.size() <= at) inputs.resize(at + 1);
    inputs[at] = item;
}

std::vector<Item> inputs_of(const Layer& layer, const expressions::CallItems& items) {
    std::vector<Item> inputs;
    for (const Item& item : items.positional) append_tensors(item, inputs);
    for (const auto& [name, item] : items.named) place_named(layer, name, item, inputs);
    while (!inputs.empty() && !inputs.back().is_tensor()) inputs.pop_back();
    if (inputs.empty()) fail(Code::config, "wanted a tensor, found none");
    return inputs;
}

Item result_of(std::vector<Item> results) {
    return results.size() == 1 ? std::move(results[0]) : expressions::sequence_item(std::move(results));
}

DTypes dtypes_for(const Layer& layer, const std::vector<Item>& inputs) {
    DTypes dtypes;
    for (std::size_t i = 0; i < inputs.size(); ++i) dtypes.push_back(layer.input_dtype(i, inputs[i].dtype));
    return dtypes;
}

DType carrier_of(DType dtype) { return dtype == DType::string ? dtype : ops::carried(dtype); }

Item run(const Layer& layer, const std::vector<Item>& inputs, const OutputSpec& spec, const Weights& w) {
    const DTypes dtypes = dtypes_for(layer, inputs);
    Tensors x, y, no_state;
    Masks masks;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const bool moved = !inputs[i].is_tensor() || dtypes[i] == DType::string;
        x.push_back(moved ? inputs[i].tensor : inputs[i].tensor.cast(dtypes[i]).cast(carrier_of(dtypes[i])));
        masks.push_back(inputs[i].mask);
    }
    for (std::size_t k = 0; k < spec.shapes.size(); ++k)
        y.push_back(Tensor::uninitialized(carrier_of(spec.dtypes[k]), spec.shapes[k]));
    const Masks out = call_and_mask(layer, x, masks, w, no_state, y);
    std::vector<Item> results;
    for (std::size_t k = 0; k < y.size(); ++k) {
        results.push_back(expressions::rounded(std::move(y[k]), spec.dtypes[k]));
        if (k < out.size()) results.back().mask = out[k];
    }
    return result_of(std::move(results));
}

}  // namespace

Item call_layer(const Layer& layer, const expressions::CallItems& items, Purpose purpose, const Weights& w,
                Shapes& inputs) {
    const std::vector<Item> given = inputs_of(layer, items);
    for (const Item& item : given) inputs.push_back(item.shape);
    if (!layer.state_shapes(inputs).empty()) fail(Code::unsupported, "a stateful layer inside another layer");
    if (purpose == Purpose::shapes) {
        std::vector<Item> results;
        for (Shape& shape : layer.compute_output_shape(inputs))
            results.push_back(expressions::abstract_item(std::move(shape), DType::float32));
        return result_of(std::move(results));
    }
    const OutputSpec spec = layer.compute_output_spec(inputs, dtypes_for(layer, given));
    if (purpose == Purpose::run) return run(layer, given, spec, w);
    std::vector<Item> results;
    for (std::size_t k = 0; k < spec.shapes.size(); ++k)
        results.push_back(expressions::abstract_item(spec.shapes[k], spec.dtypes[k]));
    return result_of(std::move(results));
}

}  // namespace layerctl::custom
