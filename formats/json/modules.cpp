#include "formats/json/modules.hpp"

#include "models/any_value.hpp"
#include "models/dialects/dialects.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

/// Without its module, Keras 3 takes them for another.
bool has_no_single_axis(const Value& config) {
    const Value* axis = config.find("axis");
    return axis != nullptr && axis->array() != nullptr && axis->array()->size() != 1;
}

/// A function of the author's own, which Keras 3 looks up among custom objects in layers with a module only.
bool holds_function(const Value& config) {
    return any_value(config, [](const Value& value) { return value.string_at("class_name") == "function"; });
}

bool is_registered(const std::string& class_name) { return class_name.find('>') != std::string::npos; }

/// Keras 3.15 takes the word "dot" for its function of that name, where the layer has no module.
bool holds_word_of_function(const Value& config) { return config.find("score_mode") != nullptr; }

/// Empty if Keras reads the layer without.
std::string needed_module(const std::string& class_name, const Value& config) {
    if (is_registered(class_name)) return "";
    if (!dialects::is_unnamed_operation(class_name, config)) {
        const std::string_view module = dialects::layer_module(class_name);
        const bool is_needed = module != "keras.layers" || has_no_single_axis(config) || holds_function(config) ||
                               holds_word_of_function(config);
        return is_needed ? std::string(module) : "";
    }
    const std::string_view module = dialects::operation_module(class_name);
    if (module.empty())
        fail(Code::unsupported,
             "the h5 file does not say which module it is from, and no operation of Keras has the name");
    return std::string(module);
}

std::string frame_of(const Value& entry) {
    LayerSpec named;
    named.class_name = entry.string_at("class_name");
    named.name = entry.string_at("name");
    return layer_frame(named);
}

void find_in_layers(const Value& config, std::vector<Edit>& found);

void find_in_layer(const Value& entry, std::vector<Edit>& found) {
    const std::string class_name = entry.string_at("class_name");
    const Value* config = entry.find("config");
    if (class_name.empty() || config == nullptr) return;
    find_in_layers(*config, found);
    if (entry.find("module") != nullptr) return;
    const std::string module = in_context(frame_of(entry), [&] { return needed_module(class_name, *config); });
    const std::size_t end = config->span().end;
    if (!module.empty()) found.push_back({{end, end}, ", \"module\": " + to_json(Value(module))});
}

/// Those of a model, and the one in a wrapper.
void find_in_layers(const Value& config, std::vector<Edit>& found) {
    if (const Value* layers = config.find("layers"); layers != nullptr && layers->array() != nullptr)
        for (const Value& layer : *layers->array()) find_in_layer(layer, found);
    if (const Value* wrapped = config.find("layer")) find_in_layer(*wrapped, found);
}

}  // namespace

std::vector<Edit> module_edits(const ModelSpec& model) {
    std::vector<Edit> edits;
    find_in_layers(model.config.value(), edits);
    return edits;
}

}  // namespace layerctl::formats
