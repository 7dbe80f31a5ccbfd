#include "formats/h5/save_h5.hpp"

#include <algorithm>

#include "formats/h5/stored_weight.hpp"
#include "formats/h5/writer.hpp"
#include "formats/json/envelope.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

using h5::join;
using h5::Writer;

void write_arrays(Writer& out, const std::string& group, const std::vector<StoredWeight>& weights) {
    std::vector<std::string> names;
    for (const StoredWeight& weight : weights) names.push_back(weight.name);
    out.group(group);
    out.list(group, "weight_names", names);
    for (const StoredWeight& weight : weights)
        in_context(cat("weight '", weight.name, "'"), [&] { out.array(join(group, weight.name), weight.read()); });
}

/// The attributes and groups below `root`; groups in the order of their names, as Keras makes them.
void write_layers(Writer& out, const std::string& root, const ModelSpec& model, const WeightStore& weights) {
    std::vector<std::string> layers;
    for (const WeightGroup& group : weights.groups) layers.push_back(group.layer);
    out.group(root);
    out.list(root, "layer_names", layers);
    out.text(root, "backend", backend_of(weights), Writer::Charset::ascii);
    out.text(root, "keras_version", version_of(model), Writer::Charset::ascii);
    std::vector<const WeightGroup*> sorted;
    for (const WeightGroup& group : weights.groups) sorted.push_back(&group);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->layer < b->layer; });
    for (const WeightGroup* group : sorted) write_arrays(out, join(root, group->layer), group->weights);
    write_arrays(out, join(root, "top_level_model_weights"), weights.top_level);
}

}  // namespace

std::string write_h5_model(const ModelSpec& model, const WeightStore& weights) {
    Writer out;
    out.text("/", "keras_version", version_of(model), Writer::Charset::utf8);
    out.text("/", "backend", backend_of(weights), Writer::Charset::utf8);
    out.text("/", "model_config", legacy_envelope(model), Writer::Charset::ascii);
    write_layers(out, "/model_weights", model, weights);
    return out.finish();
}

std::string write_h5_weights(const ModelSpec& model, const WeightStore& weights) {
    Writer out;
    write_layers(out, "/", model, weights);
    return out.finish();
}

std::string write_object_weights(const WeightStore& weights) {
    Writer out;
    out.group("/vars");
    for (const WeightGroup& group : weights.groups) {
        out.group("/" + group.layer + "/vars");
        for (const StoredWeight& weight : group.weights)
            in_context(cat("weight '", weight.name, "'"), [&] { out.array("/" + weight.name, weight.read(), true); });
    }
    return out.finish();
}

}  // namespace layerctl::formats
