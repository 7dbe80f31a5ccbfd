#include "engine/layers/wrapper.hpp"

#include "engine/configured_layer.hpp"
#include "engine/dtype_policy.hpp"

namespace layerctl {
namespace {

const std::string* text_of(const Value& value, const char* key) {
    const Value* found = value.find(key);
    return found == nullptr ? nullptr : found->string();
}

/// The wrapped layer computes in the wrapper's dtypes; a config that says otherwise is not supported.
void require_same_dtype(const Value& config, const LayerContext& outer) {
    const Value* dtype = config.find("dtype");
    if (dtype == nullptr || dtype->is_null()) return;
    const DTypePolicy policy = in_context("config key 'dtype'", [&] { return dtype_policy(*dtype); });
    // Keras' wrappers call past the scales of a quantized layer.
    if (policy.compute != outer.compute_dtype || policy.quantization != QuantizationMode::none)
        fail(Code::unsupported, "config key 'dtype': wanted the wrapper's ", outer.compute_dtype, ", found ",
             excerpt(*dtype));
}

}  // namespace

bool WrappedLayer::read(const Value& value, const ConfigScope& scope) {
    const std::string* class_name = text_of(value, "class_name");
    const Value* config = value.find("config");
    if (class_name == nullptr || config == nullptr || config->object() == nullptr) return false;
    source_ = value;
    class_name_ = *class_name;
    const std::string* name = text_of(*config, "name");
    context_.name = name == nullptr ? "" : *name;
    in_context(cat("wrapped layer '", context_.name, "' (", class_name_, ")"), [&] {
        const std::string* registered_name = text_of(value, "registered_name");
        require_same_dtype(*config, context_);
        context_.dialect = scope.dialect;
        context_.custom = scope.custom;
        layer_ = configured_layer(class_name_, registered_name == nullptr ? "" : *registered_name, Config(*config),
                                  context_);
    });
    return true;
}

Value WrappedLayer::write() const {
    ConfigWriter writer(*source_.find("config"), context_.scope());
    layer_->config(writer);
    Value out = source_;
    out.set("config", writer.value());
    return out;
}

bool WrappedLayer::trainable() const {
    const Value* flag = source_.find("config")->find("trainable");
    return flag == nullptr || flag->boolean() == nullptr || *flag->boolean();
}

WeightSpecs WrappedLayer::weights(const std::string& prefix, const Shapes& in) const {
    WeightSpecs specs = layer_->weights(in);
    for (WeightSpec& spec : specs) {
        spec.name = prefix + "/" + spec.name;
        spec.trainable = spec.trainable && trainable();
    }
    return specs;
}

}  // namespace layerctl
