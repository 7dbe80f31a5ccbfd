#include "engine/configured_layer.hpp"

#include "models/suggest.hpp"

namespace layerctl {
namespace {

/// The values in the file win over those an alias stands for.
Config over_presets(const Config& config, Value presets) {
    if (presets.is_null()) return config;
    if (config.value().object() != nullptr)
        for (const auto& [key, value] : *config.value().object()) presets.set(key, value);
    return Config(std::move(presets));
}

}  // namespace

void fail_unknown_layer(std::string_view name, const CustomObjects* custom) {
    for (const std::string_view composite : {"ClassMethod", "InstanceMethod", "InstanceProperty"})
        if (name == composite)
            fail(Code::unsupported, "layer class '", name, "' is not supported: it works on ragged or sparse tensors");
    std::vector<std::string> known = registered_layers();
    if (custom != nullptr)
        for (std::string& defined : custom->layer_names()) known.push_back(std::move(defined));
    fail(Code::unsupported, "unknown layer class '", name, "'", did_you_mean(name, known));
}

void configure(Layer& layer, const Config& config, const LayerContext& context) {
    layer.set_context(context);
    ConfigReader reader(config, context.scope());
    layer.config(reader);
    reader.finish();
    reader.problems().throw_if_any();
}

std::unique_ptr<Layer> configured_layer(const std::string& class_name, const std::string& registered_name,
                                        const Config& config, const LayerContext& context) {
    const std::string& full_name = registered_name.empty() ? class_name : registered_name;
    const std::string name = class_name.substr(class_name.rfind('>') + 1);  // npos + 1 is 0
    if (context.custom != nullptr)
        for (const std::string& known : {full_name, name})
            if (auto layer = context.custom->layer(known)) {
                configure(*layer, over_presets(config, context.custom->presets(known)), context);
                return layer;
            }
    std::unique_ptr<Layer> layer = full_name == name ? make_layer(name) : nullptr;
    if (layer == nullptr) fail_unknown_layer(full_name, context.custom);
    configure(*layer, config, context);
    return layer;
}

}  // namespace layerctl
