#include "api/catalogue.hpp"

#include <functional>

#include "engine/configured_layer.hpp"
#include "engine/ops/table/op.hpp"

namespace layerctl {
namespace {

std::vector<ConfigKey> listed(Dialect dialect, const std::function<void(ConfigIo&)>& fields) {
    ConfigLister lister(dialect);
    Problems incomplete;  // a layer may want a value before it goes on; what it named until then is its list
    incomplete.attempt([&] { fields(lister); });
    return lister.keys();
}

/// "x|input axis=null" as "x, axis=null".
std::string python_signature(std::string_view text) {
    const ops::Signature signature(text);
    std::string out;
    for (const ops::Parameter& parameter : signature.parameters()) {
        if (parameter.ignored) continue;
        if (!out.empty()) out += ", ";
        out += (parameter.many ? "*" : "") + parameter.names.front();
        if (!parameter.required) out += "=" + to_json(parameter.fallback);
    }
    return out;
}

}  // namespace

std::vector<std::string> layer_classes() { return registered_layers(); }

LayerEntry layer_entry(std::string_view class_name, Dialect dialect) {
    const std::unique_ptr<Layer> layer = make_layer(class_name);
    if (layer == nullptr) fail_unknown_layer(class_name);
    layer->set_context({.name = std::string(class_name), .dialect = dialect});
    LayerEntry entry;
    entry.name = class_name;
    entry.inputs = layer->call_arguments();
    entry.keys = listed(dialect, [&](ConfigIo& io) { layer->config(io); });
    entry.call_keys = listed(dialect, [&](ConfigIo& io) { layer->call_config(io); });
    return entry;
}

std::vector<OperationEntry> operation_entries() {
    std::vector<OperationEntry> entries;
    for (const std::string& name : ops::keras3_op_names())
        entries.push_back({name, python_signature(ops::find_keras3_op(name)->signature)});
    for (const std::string& name : ops::tf_op_names())
        entries.push_back({"tf." + name, python_signature(ops::find_tf_op(name)->signature)});
    return entries;
}

}  // namespace layerctl
