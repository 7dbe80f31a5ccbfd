#include "formats/json/architecture.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "models/error.hpp"

namespace layerctl::formats {
namespace {

/// A member that only other kinds of JSON files have.
struct Mark {
    std::string_view member;
    Code code;
    std::string_view description;
};

constexpr std::array marks = {
    Mark{"modelTopology", Code::unsupported, "a TensorFlow.js model without its folder, where the weights are"},
    Mark{"weightsManifest", Code::format, "a TensorFlow.js weights manifest: weights need a model definition"},
    Mark{"weight_map", Code::unsupported, "the index of sharded weights, which are not supported yet"},
    Mark{"nbformat", Code::format, "a Jupyter notebook"},
    Mark{"model_type", Code::unsupported, "a Hugging Face config, which does not describe a Keras model"},
    Mark{"error", Code::format, "an error message: the download may have failed"},
    Mark{"message", Code::format, "a message: the download may have failed"},
    Mark{"keras_version", Code::format, "metadata of Keras without a model"},
};

[[noreturn]] void fail_other_json(const Value& document) {
    for (const Mark& mark : marks)
        if (document.find(mark.member) != nullptr) fail(mark.code, "wanted a Keras model, found ", mark.description);
    fail(Code::format, "wanted a model with 'class_name' and 'config', found ", excerpt(document));
}

bool is_list_of_layers(const Value* value) {
    if (value == nullptr || value->array() == nullptr || value->array()->empty()) return false;
    return value->array()->front().find("class_name") != nullptr;
}

/// get_config() of a model leaves out its class, which its wiring tells. Before Keras 2.2 that of a Sequential was the
/// list of its layers.
Value envelope_of_bare_config(const Value& document) {
    if (document.find("class_name") != nullptr) return {};
    const bool bare = is_list_of_layers(&document) || is_list_of_layers(document.find("layers"));
    if (!bare) return {};
    const char* class_name = document.find("input_layers") == nullptr ? "Sequential" : "Functional";
    return Value::object({{"class_name", class_name}, {"config", document}});
}

const Value& envelope_of(const Value& document) {
    if (const Value* wrapped = document.find("model_config"); wrapped != nullptr && wrapped->object() != nullptr)
        return *wrapped;
    if (document.find("class_name") == nullptr || document.find("modelTopology") != nullptr) fail_other_json(document);
    return document;
}

/// The first version an object or a part of it can only come from. Keras 3 writes no version into its JSON.
std::optional<Dialect> certain_dialect(const Value& value) {
    if (const Value::Array* items = value.array())
        for (const Value& item : *items)
            if (const auto found = certain_dialect(item)) return found;
    if (value.object() == nullptr) return std::nullopt;
    if (value.find("batch_input_shape") != nullptr || value.find("keras_api") != nullptr) return Dialect::keras2;
    if (value.find("batch_shape") != nullptr || value.find("keras_history") != nullptr) return Dialect::keras3;
    for (const auto& [key, member] : *value.object()) {
        if (key == "class_name" && member == Value("DTypePolicy")) return Dialect::keras3;
        if (const auto found = certain_dialect(member)) return found;
    }
    return std::nullopt;
}

Dialect dialect_of_envelope(const Value& envelope, const std::string& version) {
    if (!version.empty()) return dialect_of(version);
    if (const auto certain = certain_dialect(envelope)) return *certain;
    return envelope.find("registered_name") != nullptr ? Dialect::keras3 : Dialect::keras2;
}

}  // namespace

std::shared_ptr<ModelSpec> load_json_model(const Config& document) {
    Metadata metadata;
    metadata.variant = "json";
    return load_json_model(document, std::move(metadata));
}

std::shared_ptr<ModelSpec> load_json_model(const Config& document, Metadata known) {
    const Value around_bare = envelope_of_bare_config(document.value());
    const Value& envelope = around_bare.is_null() ? envelope_of(document.value()) : around_bare;
    for (const Value* holder : {&document.value(), &envelope}) {
        if (known.keras_version.empty()) known.keras_version = holder->string_at("keras_version");
        if (known.backend.empty()) known.backend = holder->string_at("backend");
    }
    if (const Value* compiled = envelope.find("compile_config"); compiled != nullptr && compiled->object() != nullptr)
        known.training_config = Config(*compiled, document.source()).text();
    const Dialect dialect = dialect_of_envelope(envelope, known.keras_version);
    auto spec = std::make_shared<ModelSpec>(parse_model(Config(envelope, document.source()), dialect));
    spec->metadata = std::move(known);
    return spec;
}

}  // namespace layerctl::formats
