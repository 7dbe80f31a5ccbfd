// model.json -> ModelSpec.
#include "formats/json/architecture.hpp"
#include "formats/json/text.hpp"
#include "formats/named_arrays.hpp"
#include "formats/object_weights.hpp"
#include "formats/tfjs/manifest.hpp"
#include "formats/tfjs/tfjs.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view own_version = "tfjs-layers";  // where Keras has its version

void refuse_graph(const Value& document) {
    const Value* format = document.find("format");
    const Value* topology = document.find("modelTopology");
    const bool nodes = topology != nullptr && topology->find("node") != nullptr;
    if (nodes || (format != nullptr && *format == Value("graph-model")))
        fail(Code::unsupported,
             "a graph model of TensorFlow.js: it holds TensorFlow's operations, not the layers of a Keras model");
}

/// "layers/dense/vars/0": the converter names the weights of a .keras archive as they lie in it.
bool are_objects(const std::vector<StoredWeight>& arrays) {
    for (const StoredWeight& array : arrays)
        if (array.name.find("/vars/") == std::string::npos) return false;
    return !arrays.empty();
}

WeightStore store_of_paths(std::vector<StoredWeight> arrays) {
    ObjectArrays objects;
    for (StoredWeight& array : arrays) {
        const std::size_t end = array.name.rfind("/vars/");
        const std::string object = array.name.substr(0, end);
        array.name = array.name.substr(end + 6);
        objects[object].push_back(std::move(array));
    }
    return store_of_objects(std::move(objects));
}

/// What TensorFlow.js itself writes and Keras would not: null for what was left open, the cells of an RNN twice.
Value as_keras_writes(Value value) {
    if (Value::Array* items = value.array())
        for (Value& item : *items) item = as_keras_writes(std::move(item));
    Value::Object* members = value.object();
    if (members == nullptr) return value;
    const bool has_cell = value.find("cell") != nullptr;
    std::erase_if(*members, [&](const auto& member) {
        const bool left_open = member.first == "mask_zero" || member.first == "unit_forget_bias";
        return (left_open && member.second.is_null()) || (has_cell && member.first == "cells");
    });
    for (auto& member : *members) member.second = as_keras_writes(std::move(member.second));
    return value;
}

/// The topology as Keras' own JSON, and whether TensorFlow.js made it.
Config topology_of(const Config& document) {
    const Value* topology = document.find("modelTopology");
    if (topology == nullptr || topology->object() == nullptr)
        fail(Code::format, "wanted a model definition under 'modelTopology', found none (--weights)");
    const Value* version = topology->find("keras_version");
    const bool of_js =
        version != nullptr && version->string() != nullptr && version->string()->starts_with(own_version);
    return of_js ? parse_json(to_json(as_keras_writes(*topology))) : Config(*topology, document.source());
}

}  // namespace

bool is_tfjs(const Value& document) {
    return document.find("modelTopology") != nullptr || document.find("weightsManifest") != nullptr;
}

WeightStore load_tfjs_weights(const Config& document, const fs::path& folder) {
    refuse_graph(document.value());
    const Value* manifest = document.find("weightsManifest");
    if (manifest == nullptr) fail(Code::weights, "a TensorFlow.js model without 'weightsManifest'");
    std::vector<StoredWeight> arrays = read_manifest(*manifest, folder);
    return are_objects(arrays) ? store_of_paths(std::move(arrays)) : store_of_names(std::move(arrays));
}

std::shared_ptr<ModelSpec> load_tfjs_model(const Config& document, const fs::path& folder) {
    refuse_graph(document.value());
    const Config topology = topology_of(document);
    auto spec = load_json_model(topology);
    spec->metadata.variant = "tfjs";
    if (spec->metadata.keras_version.starts_with(own_version)) spec->metadata.keras_version.clear();
    for (const Value* training : {document.find("trainingConfig"), topology.find("training_config")})
        if (training != nullptr && training->object() != nullptr)
            spec->metadata.training_config = Config(*training, document.source()).text();
    if (document.find("weightsManifest") != nullptr) spec->weights = load_tfjs_weights(document, folder);
    return spec;
}

}  // namespace layerctl::formats
