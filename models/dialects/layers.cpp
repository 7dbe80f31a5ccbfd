// One layer: its class and config in the terms of the other Keras.
#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// `x` where x > theta, else 0: the ReLU of Keras 3 with a threshold.
Value relu_config(const Value& thresholded) {
    Value::Object config;
    for (const auto& [key, value] : *thresholded.object())
        config.emplace_back(key == "theta" ? "threshold" : key, value);
    return config;
}

/// A setting with which the versions compute different things.
struct Apart {
    std::string_view classes, key, values;  // JSON, separated by blanks; no key: whatever it holds
    std::string_view how;
};
constexpr Apart apart[] = {
    {"IntegerLookup StringLookup TextVectorization", "output_mode", "\"count\" \"multi_hot\" \"one_hot\"",
     "returns floats in Keras 2, integers in Keras 3"},
    {"Discretization", "output_mode", "\"int\"", "returns int64 in Keras 2, int32 in Keras 3"},
    {"SeparableConv1D", "padding", "\"causal\"", "is none that Keras 3 has"},
    {"Resizing UpSampling2D", "interpolation", "\"gaussian\" \"mitchellcubic\"", "is none that Keras 3 has"},
    {"RandomCrop", "", "", "crops the middle in Keras 2, nothing in Keras 3"},
};

bool holds_stateful(const Value& config) {
    const Value *wrapped = config.find("layer"), *flag = config.find("stateful");
    if (flag != nullptr && *flag == Value(true)) return true;
    const Value* inner = wrapped == nullptr ? nullptr : wrapped->find("config");
    return inner != nullptr && holds_stateful(*inner);
}

void refuse_apart(const std::string& class_name, const Value& config) {
    if (class_name == "TimeDistributed" && holds_stateful(config))
        fail(Code::unsupported, "a stateful layer inside keeps its states otherwise in Keras 2 and 3");
    for (const Apart& row : apart) {
        const Value* held = config.find(row.key);
        const bool concerns = row.key.empty() || (held != nullptr && is_one_of(to_json(*held), row.values));
        if (is_one_of(class_name, row.classes) && concerns)
            fail(Code::unsupported, row.key.empty() ? "" : cat("'", row.key, "': ", *held->string(), " "), row.how);
    }
}

/// What differs only where a number is next to nothing, or a text is none, and what must be named to be read.
void note_edges(const std::string& class_name, const Value& config, const Task& task) {
    if (!task.to_keras3() && layer_module(class_name) != "keras.layers")
        task.notes.push_back(cat(class_name, ": ", task.keras(), " reads it only where custom_objects name it"));
    if (class_name == "TextVectorization")
        task.notes.push_back(cat(class_name, ": bytes that are no UTF-8 are lowered otherwise in ", task.keras()));
    const Value* normalize = config.find("normalize");
    const bool dot = class_name == "Dot" && normalize != nullptr && *normalize == Value(true);
    if (dot || class_name == "UnitNormalization")
        task.notes.push_back(cat(class_name, ": vectors shorter than 1e-6 are scaled otherwise in ", task.keras()));
}

Value or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

/// That of the model's input, which is stated by an InputLayer as well.
Value without_input_dtype(const Value& config) {
    Value kept = Value(Value::Object{});
    for (const auto& [key, value] : *config.object()) {
        if (key == "input_dtype") continue;
        const Value* wrapped = key == "layer" ? value.find("config") : nullptr;
        kept.set(key, value);
        if (wrapped != nullptr) kept.find(key)->set("config", without_input_dtype(*wrapped));
    }
    return kept;
}

}  // namespace

Value serialized(const Translated& layer) {
    return Value::object({{"module", or_null(layer.module)},
                          {"class_name", layer.class_name},
                          {"config", layer.config},
                          {"registered_name", or_null(layer.registered_name)}});
}

Translated translated_layer(const std::string& class_name, const std::string& registered_name, const Value& config,
                            const Task& task) {
    if (class_name == "ThresholdedReLU" && task.to_keras3())
        return translated_layer("ReLU", "", relu_config(config), task);
    const ClassOrigin origin = require_class(class_name, task);
    const bool custom = origin == ClassOrigin::custom || registered_name.find('>') != std::string::npos;
    if (custom) task.notes.push_back(cat(class_name, ": the author's own class must mean the same in ", task.keras()));
    Value own = config;
    if (task.crosses()) {
        refuse_apart(class_name, config);
        note_edges(class_name, config, task);
        translate_keys(custom ? "" : class_name, own, task);
        for (auto& [key, value] : *own.object()) value = translated_value(class_name, key, value, task);
    } else if (task.source == Dialect::keras1) {
        own = without_input_dtype(own);
    }
    if (!custom) return {class_name, "", std::string(layer_module(class_name)), std::move(own)};
    return {class_name, registered_name.empty() ? class_name : registered_name, "", std::move(own)};
}

}  // namespace layerctl::dialects
