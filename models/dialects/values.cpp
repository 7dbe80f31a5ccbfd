// What stands below the keys of a config: dtype policies, wrapped layers, initializers, activations.
#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

constexpr std::string_view layer_keys = "layer backward_layer forward_layer cell";

/// Activations that only Keras 3 has.
constexpr std::string_view activations_of_keras3 =
    "celu glu hard_shrink hard_silu hard_swish hard_tanh log_sigmoid soft_shrink sparse_plus sparse_sigmoid sparsemax "
    "squareplus tanh_shrink threshold";

Value translated_policy(const Value& policy, const Task& task) {
    const Value* config = policy.find("config");
    if (config == nullptr) return policy;
    const Value* class_name = policy.find("class_name");
    const bool plain = class_name != nullptr && (*class_name == Value("Policy") || *class_name == Value("DTypePolicy"));
    const Value* name = config->find("name");
    if (!plain || name == nullptr || name->string() == nullptr)
        fail(Code::unsupported, "'dtype': ", task.keras(), " has no such policy, found ", excerpt(policy));
    const bool mixed = name->string()->starts_with("mixed_");
    if (!mixed) return *name;
    if (!task.to_keras3())
        return Value::object({{"class_name", "Policy"}, {"config", Value::object({{"name", *name}})}});
    return Value::object({{"module", "keras"},
                          {"class_name", "DTypePolicy"},
                          {"config", Value::object({{"name", *name}})},
                          {"registered_name", nullptr}});
}

/// The name of an activation, plain or in the object that Keras writes for a function.
const std::string* activation_name(const Value& value) {
    if (value.string() != nullptr) return value.string();
    const Value* name = value.find("config");
    return name == nullptr ? nullptr : name->string();
}

void require_activation(const std::string& key, const Value& value, const Task& task) {
    const std::string* name = activation_name(value);
    if (name == nullptr) return;
    if (*name == "hard_sigmoid")
        fail(Code::unsupported, "'", key, "': hard_sigmoid means another function in ", task.keras());
    if (!task.to_keras3() && is_one_of(*name, activations_of_keras3))
        fail(Code::unsupported, "'", key, "': Keras 2 has no activation '", *name, "'");
}

/// A layer may be an activation.
bool is_layer(const Value& activation) {
    const Value* config = activation.find("config");
    return config != nullptr && config->object() != nullptr;
}

/// {"class_name", "config"} inside a config, as the target would write it.
Value wrapped_layer(const Value& entry, const Task& task) {
    const Value *name = entry.find("class_name"), *config = entry.find("config");
    if (name == nullptr || name->string() == nullptr || config == nullptr || config->object() == nullptr) return entry;
    if (config->find("layers") != nullptr)
        fail(Code::unsupported, "a model inside a layer is not translated, found ", excerpt(*name));
    return serialized(in_context(cat("wrapped layer (", *name->string(), ")"), [&] {
        return translated_layer(*name->string(), entry.string_at("registered_name"), *config, task);
    }));
}

/// What Keras 3 called some initializers for a while.
struct Initializer {
    std::string_view keras3, keras2;
};
constexpr Initializer initializers[] = {{"IdentityInitializer", "Identity"}, {"OrthogonalInitializer", "Orthogonal"}};

void rename_initializer(Value& object) {
    for (const Initializer& row : initializers)
        if (const Value* name = object.find("class_name"); name != nullptr && *name == Value(std::string(row.keras3)))
            object.set("class_name", std::string(row.keras2));
}

/// Initializers, regularizers, constraints: the config keys and values that only one Keras knows.
Value translated_object(const std::string& key, const Value& object, const Task& task) {
    Value out = object;
    if (task.to_keras3() && out.string_at("class_name") == "RadialConstraint")
        fail(Code::unsupported, "'", key, "': Keras 3 has no constraint 'RadialConstraint'");
    if (!task.to_keras3()) rename_initializer(out);
    Value* config = out.find("config");
    if (config == nullptr || config->object() == nullptr) return out;
    Value::Object kept;
    for (const auto& [name, value] : *config->object()) {
        const bool axes = name == "input_axes" || name == "output_axes";
        if (!task.to_keras3() && axes && value.is_null()) continue;
        if (task.to_keras3() && name == "dtype" && key.ends_with("_initializer")) continue;
        const bool normal = name == "distribution" && value == Value("normal");
        kept.emplace_back(name, normal ? Value("truncated_normal") : value);
    }
    *config = Value(std::move(kept));
    return out;
}

}  // namespace

Value translated_value(const std::string& class_name, const std::string& key, const Value& value, const Task& task) {
    if (key == "dtype") return translated_policy(value, task);
    if (key == "activation" || key == "recurrent_activation") {
        if (is_layer(value)) return wrapped_layer(value, task);
        require_activation(key, value, task);
    }
    if (!task.to_keras3() && class_name == "TextVectorization" && key == "ngrams" && value.array() != nullptr)
        fail(Code::unsupported, "'ngrams': Keras 2 reads no list, not of its own files either, found ", excerpt(value));
    if (is_one_of(key, layer_keys)) return wrapped_layer(value, task);
    if (key == "cells" && value.array() != nullptr) {
        Value::Array cells;
        for (const Value& cell : *value.array()) cells.push_back(wrapped_layer(cell, task));
        return cells;
    }
    if (class_name == "InputLayer" || value.object() == nullptr) return value;
    return translated_object(key, value, task);
}

}  // namespace layerctl::dialects
