#include "api/plugins/instance.hpp"

#include <algorithm>

#include "api/plugins/announced.hpp"
#include "api/plugins/border.hpp"
#include "api/plugins/config_view.hpp"
#include "engine/layers/custom/body.hpp"

namespace layerctl::plugins {
namespace {

std::vector<layerctl_tensor> tensors_of(const Tensors& tensors) {
    std::vector<layerctl_tensor> out;
    for (const Tensor& tensor : tensors) out.push_back(tensor_of(tensor));
    return out;
}

/// Every layer finds as many masks as inputs.
std::vector<layerctl_tensor> masks_of(const Masks& masks, std::size_t count) {
    std::vector<layerctl_tensor> out = tensors_of(masks);
    out.resize(count, tensor_of(Tensor()));
    return out;
}

/// Where Keras lists a weight: the layer's own first, trainable ones before others, then those of its objects.
int place(const WeightSpec& weight) {
    if (weight.name.find('/') != std::string::npos) return 2;
    return weight.trainable ? 0 : 1;
}

}  // namespace

Instance::Instance(std::shared_ptr<const ClassDefinition> definition) : definition_(std::move(definition)) {
    for (const auto& [key, fallback] : definition_->config) values_.push_back({fallback, !fallback.is_null()});
}

void Instance::config(ConfigIo& io, const LayerContext& context) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const auto& [key, fallback] = definition_->config[i];
        if (fallback.is_null()) io.required(Keys({key}), values_[i]);
        else io.optional(Keys({key}), values_[i]);
    }
    for (const std::string& key : definition_->ignored) io.ignored(Keys({key}));
    io.optional("trainable", trainable_);
    order_is_certain_ = trainable_ || io.dialect() != Dialect::keras3;
    if (std::all_of(values_.begin(), values_.end(), [](const Given& given) { return given.present; })) make(context);
}

void Instance::make(const LayerContext& context) {
    Value values = Value::Object{};
    for (std::size_t i = 0; i < values_.size(); ++i) values.set(definition_->config[i].first, values_[i].value);
    std::string text = to_json(values);
    if (text == made_of_) return;
    const ConfigView view(values, context);
    void* object = nullptr;
    cross("create", [&](layerctl_error* error) { return definition_->table.create(view.border(), &object, error); });
    object_ = {object, [definition = definition_](void* made) {
                   if (made != nullptr) definition->table.destroy(made);
               }};
    made_of_ = std::move(text);
}

OutputSpec Instance::outputs(const Shapes& in, const DTypes& dtypes) const {
    const std::vector<layerctl_spec> specs = specs_of(in, dtypes);
    OutputSpec spec = announced("outputs", dtypes.front(), [&](const layerctl_specs* to, layerctl_error* error) {
        return definition_->table.outputs(object_.get(), specs.data(), specs.size(), to, error);
    });
    if (spec.shapes.empty()) fail(Code::config, "'outputs' of the plug-in announces none");
    return spec;
}

WeightSpecs Instance::weights(const Shapes& in, const DTypes& dtypes) const {
    if (definition_->table.weights == nullptr) return {};
    const std::vector<layerctl_spec> specs = specs_of(in, dtypes);
    WeightSpecs weights = declared([&](const layerctl_weights* to, layerctl_error* error) {
        return definition_->table.weights(object_.get(), specs.data(), specs.size(), to, error);
    });
    std::stable_sort(weights.begin(), weights.end(),
                     [](const WeightSpec& a, const WeightSpec& b) { return place(a) < place(b); });
    if (!order_is_certain_) custom::require_certain_order(weights);
    return weights;
}

Shapes Instance::states(const Shape& x, DType dtype) const {
    const Shapes in = {x};
    const std::vector<layerctl_spec> specs = specs_of(in, {dtype});
    OutputSpec spec = announced("states", dtype, [&](const layerctl_specs* to, layerctl_error* error) {
        return definition_->table.states(object_.get(), specs.data(), to, error);
    });
    if (spec.shapes.empty()) fail(Code::config, "'states' of the plug-in announces none");
    for (const DType other : spec.dtypes)
        if (other != dtype) fail(Code::unsupported, "a state of ", other, " in a cell that computes in ", dtype);
    return spec.shapes;
}

void Instance::call(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const {
    const std::vector<layerctl_tensor> inputs = tensors_of(x), in_masks = masks_of(masks, x.size());
    std::vector<layerctl_tensor> weights, outputs;
    std::vector<const char*> names;
    for (std::size_t i = 0; i < w.size(); ++i) {
        weights.push_back(tensor_of(w.tensor(i)));
        names.push_back(w.name(i).c_str());
    }
    for (Tensor& tensor : y) outputs.push_back(writable_tensor_of(tensor));
    const layerctl_call call{.size = sizeof call,
                             .inputs = inputs.data(),
                             .masks = in_masks.data(),
                             .input_count = inputs.size(),
                             .weights = weights.data(),
                             .weight_names = names.data(),
                             .weight_count = weights.size(),
                             .outputs = outputs.data(),
                             .output_count = outputs.size()};
    cross("call", [&](layerctl_error* error) { return definition_->table.call(object_.get(), &call, error); });
}

}  // namespace layerctl::plugins
