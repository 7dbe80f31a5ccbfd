#include "formats/json/envelope.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "formats/json/modules.hpp"
#include "formats/lookup_state.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

std::string quoted(const std::string& text) { return to_json(Value(text)); }

/// Keras 2.4 and later call what was a Model a Functional.
std::string class_of(const ModelSpec& model) {
    return model.kind == ModelKind::sequential ? "Sequential" : "Functional";
}

void require_plain_class(const ModelSpec& model) {
    if (!is_model_class(model.class_name))
        fail(Code::unsupported, "a model of the class '", model.class_name, "' is not written");
}

std::string members(const ModelSpec& model, std::vector<Edit> edits) {
    require_plain_class(model);
    return "\"class_name\": " + quoted(class_of(model)) + ", \"config\": " + edited(model.config, std::move(edits));
}

std::string module_of(const ModelSpec& model) {
    if (model.kind == ModelKind::sequential) return "keras";
    return model.dialect == Dialect::keras3 ? "keras.src.models.functional" : "keras.src.engine.functional";
}

}  // namespace

std::string version_of(const ModelSpec& model) {
    if (!model.metadata.keras_version.empty()) return model.metadata.keras_version;
    return std::string(version_written(model.dialect));
}

std::string backend_of(const WeightStore& weights) { return weights.backend.empty() ? "tensorflow" : weights.backend; }

std::string legacy_envelope(const ModelSpec& model) {
    return "{" + members(model, lookup_state_edits(model)) + "}";
}

std::string json_envelope(const ModelSpec& model) {
    return "{" + members(model, lookup_state_edits(model)) + ", \"keras_version\": " + quoted(version_of(model)) +
           ", \"backend\": " + quoted(backend_of(model.weights)) + "}";
}

std::string archive_envelope(const ModelSpec& model, const std::string& compile_config) {
    const std::string registered = model.kind == ModelKind::sequential ? "null" : quoted(class_of(model));
    std::vector<Edit> edits = lookup_state_edits(model);
    if (model.dialect == Dialect::keras3) std::ranges::move(module_edits(model), std::back_inserter(edits));
    return "{\"module\": " + quoted(module_of(model)) + ", " + members(model, std::move(edits)) +
           ", \"registered_name\": " + registered +
           (compile_config.empty() ? "" : ", \"compile_config\": " + compile_config) + "}";
}

}  // namespace layerctl::formats
