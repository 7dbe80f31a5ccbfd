#include "engine/layers/custom/body.hpp"

#include <algorithm>

#include "engine/expressions/op_call.hpp"
#include "engine/layers/custom/part_call.hpp"
#include "engine/ops/activation.hpp"

namespace layerctl::custom {
namespace {

using expressions::Item;
using expressions::Purpose;

/// The value with "$name" replaced by the config value of that name.
Value substituted(const Value& value, const Parameters& config, const std::vector<Value>& values) {
    if (const std::string* text = value.string(); text != nullptr && text->starts_with('$')) {
        for (std::size_t i = 0; i < config.size(); ++i)
            if (config[i].first == text->substr(1)) return values[i];
        fail(Code::internal, "no config value '", *text, "'");
    }
    if (const Value::Array* items = value.array()) {
        Value::Array out;
        for (const Value& item : *items) out.push_back(substituted(item, config, values));
        return out;
    }
    if (value.object() == nullptr) return value;
    Value::Object out;
    for (const auto& [key, member] : *value.object()) out.emplace_back(key, substituted(member, config, values));
    return out;
}

/// A sub-layer is named as in the definition unless its config says otherwise.
Value named_envelope(const PartDefinition& part, const Value& given) {
    Value envelope = given;
    Value config = envelope.find("config") == nullptr ? Value(Value::Object{}) : *envelope.find("config");
    if (config.find("name") == nullptr) config.set("name", part.name);
    envelope.set("config", std::move(config));
    return envelope;
}

}  // namespace

void Body::config(ConfigIo& io, const LayerContext& context) {
    context_ = context;
    if (values_.empty())
        for (const auto& parameter : definition_->config) values_.push_back(parameter.second);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const auto& [name, fallback] = definition_->config[i];
        if (fallback.is_null()) io.required(Keys({name}), values_[i]);
        else io.optional(Keys({name}), values_[i]);
    }
    for (const std::string& key : definition_->ignored) io.ignored(Keys({key}));
    io.optional("trainable", trainable_);
    parts_.clear();
    for (const PartDefinition& part : definition_->parts) {
        WrappedLayer& layer = parts_.emplace_back();
        layer.set_context(context);
        const Value envelope = named_envelope(part, substituted(part.envelope, definition_->config, values_));
        in_context("sub-layer '" + part.name + "'", [&] {
            if (!layer.read(envelope, io.scope()))
                fail(Code::config, "wanted a serialized layer, found ", excerpt(envelope));
        });
    }
}

DType Body::logical(DType carrier) const { return is_floating(carrier) ? context_.compute_dtype : carrier; }

std::vector<Item> Body::config_items() const {
    std::vector<Item> items;
    for (const Value& value : values_) items.push_back(expressions::constant_item(value));
    return items;
}

Shape Body::shape(const expressions::Program& program, const std::vector<Item>& inputs) const {
    expressions::Frame frame{Purpose::shapes, context_.dialect, inputs, {}};
    for (Item& item : config_items()) frame.slots.push_back(std::move(item));
    const Item result = program.evaluate(frame);
    auto dims = expressions::as_sequence(result);
    if (!dims) dims = {result};
    std::vector<std::int64_t> sizes;
    for (const Item& dim : *dims) {
        if (dim.is_tensor()) sizes.push_back(Shape::unknown);
        else if (dim.is_constant() && dim.constant.integer() != nullptr && *dim.constant.integer() >= 0)
            sizes.push_back(*dim.constant.integer());
        else fail(Code::config, "wanted dimensions, found ", expressions::described(dim));
    }
    return Shape(std::move(sizes));
}

/// Without those of the sub-layers.
std::vector<Item> Body::weight_items(Purpose purpose, const std::vector<Item>& variables, const Weights* w) const {
    const std::vector<Item> inputs(variables.begin(), variables.begin() + std::ssize(definition_->inputs));
    std::vector<Item> items;
    for (const WeightDefinition& weight : definition_->weights) {
        const DType dtype = logical(weight.dtype.value_or(context_.compute_dtype));
        if (purpose == Purpose::run) items.push_back(expressions::tensor_item((*w)[weight.name], dtype));
        else items.push_back(expressions::abstract_item(shape(weight.shape, inputs), dtype));
    }
    return items;
}

WeightSpecs Body::weights(const std::vector<Item>& variables) const {
    WeightSpecs specs;
    const std::vector<Item> inputs(variables.begin(), variables.begin() + std::ssize(definition_->inputs));
    for (const WeightDefinition& weight : definition_->weights) {
        const Shape dims = in_context("weight '" + weight.name + "'", [&] { return shape(weight.shape, inputs); });
        require(dims.is_known(), "weight '", weight.name, "': the shape ", dims, " must be known");
        specs.push_back({weight.name, dims, weight.initializer, weight.trainable, weight.dtype});
    }
    std::stable_partition(specs.begin(), specs.end(), [](const WeightSpec& spec) { return spec.trainable; });
    if (parts_.empty()) return specs;
    std::vector<Shapes> built(parts_.size());
    evaluate(Purpose::shapes, variables, nullptr, &built);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const std::string& name = definition_->parts[i].name;
        if (built[i].empty()) fail(Code::config, "sub-layer '", name, "' is never called");
        for (WeightSpec& spec : parts_[i].weights(name, built[i])) specs.push_back(std::move(spec));
    }
    if (!trainable_ && context_.dialect == Dialect::keras3) require_certain_order(specs);
    return specs;
}

Item Body::call(Purpose purpose, const std::vector<Item>& variables, const Weights* w) const {
    return evaluate(purpose, variables, w, nullptr);
}

Item Body::evaluate(Purpose purpose, const std::vector<Item>& variables, const Weights* w,
                    std::vector<Shapes>* built) const {
    expressions::Frame frame{purpose, context_.dialect, variables, {}};
    for (std::vector<Item> more : {weight_items(purpose, variables, w), config_items()})
        std::move(more.begin(), more.end(), std::back_inserter(frame.slots));
    frame.call_part = [&](std::size_t part, const expressions::CallItems& items) {
        return part < parts_.size() ? call_part(part, items, purpose, w, built)
                                    : call_activation(part - parts_.size(), items, purpose);
    };
    return definition_->call->evaluate(frame);
}

Item Body::call_part(std::size_t part, const expressions::CallItems& items, Purpose purpose, const Weights* w,
                     std::vector<Shapes>* built) const {
    const std::string& name = definition_->parts[part].name;
    return in_context("sub-layer '" + name + "'", [&] {
        Shapes inputs;
        Item result = call_layer(*parts_[part], items, purpose, w == nullptr ? Weights() : w->below(name), inputs);
        if (built != nullptr && (*built)[part].empty()) (*built)[part] = std::move(inputs);
        return result;
    });
}

/// A config value that is called names an activation.
Item Body::call_activation(std::size_t parameter, const expressions::CallItems& items, Purpose purpose) const {
    const std::string& name = definition_->config[parameter].first;
    return in_context("config value '" + name + "'", [&] {
        Activation activation;
        if (!ConfigField<Activation>::read(values_[parameter], activation, context_.scope()))
            fail(Code::config, "wanted an activation to call, found ", excerpt(values_[parameter]));
        if (items.positional.size() != 1 || !items.named.empty() || !items.positional[0].is_tensor())
            fail(Code::unsupported, "wanted one tensor as the argument of an activation");
        const Item& x = items.positional[0];
        if (purpose != Purpose::run) return expressions::abstract_item(activated_shape(activation, x.shape), x.dtype);
        Tensor y = x.tensor;
        ops::apply(activation, y);
        return expressions::rounded(std::move(y), x.dtype);
    });
}

void require_certain_order(const WeightSpecs& specs) {
    const bool certain = std::is_partitioned(specs.begin(), specs.end(), [](const WeightSpec& spec) {
        return spec.name.find('/') != std::string::npos && spec.trainable;
    });
    if (!certain)
        fail(Code::unsupported, "a frozen layer with sub-layers: Keras 3 does not say in which order its weights lie");
}

}  // namespace layerctl::custom
