#include "formats/h5/save_h5.hpp"

#include <algorithm>
#include <set>

#include "formats/h5/stored_weight.hpp"
#include "formats/h5/writer.hpp"
#include "formats/json/envelope.hpp"
#include "formats/object_weights.hpp"
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

/// What training leaves in the root of a whole model.
const std::set<std::string> training_of_model = {"/optimizer_weights", "/@training_config"};

/// The same in a file by object.
std::set<std::string> training_of_objects(const h5::File& file) {
    std::set<std::string> found;
    for (const std::string& name : file.members("/"))
        if (is_training_state(name)) found.insert("/" + name);
    return found;
}

/// The HDF5 file that the weights are from, if nothing about them changed.
const h5::File* source_of(const WeightStore& weights) { return dynamic_cast<const h5::File*>(weights.file.get()); }

/// A group of another file becomes the root.
void copy(const h5::File& file, const std::string& group, const std::set<std::string>& but, Saving& saving,
          Writer& out) {
    for (const std::string& object : out.copy(file, group, "/", but)) leave_out(object, saving);
}

void write_model(Writer& out, const ModelSpec& model, const WeightStore& weights, const Compilation& compilation) {
    out.text("/", "keras_version", version_of(model), Writer::Charset::utf8);
    out.text("/", "backend", backend_of(weights), Writer::Charset::utf8);
    out.text("/", "model_config", legacy_envelope(model), Writer::Charset::ascii);
    if (!compilation.config.empty()) out.text("/", "training_config", compilation.config, Writer::Charset::ascii);
    write_layers(out, "/model_weights", model, weights);
    if (!compilation.optimizer.empty()) write_arrays(out, "/optimizer_weights", compilation.optimizer);
}

void write_objects(Writer& out, const WeightStore& weights, const std::vector<StoredWeight>& optimizer) {
    out.group("/vars");
    for (const WeightGroup& group : weights.groups) {
        out.group("/" + group.layer + "/vars");
        for (const StoredWeight& weight : group.weights)
            in_context(cat("weight '", weight.name, "'"), [&] { out.array("/" + weight.name, weight.read(), true); });
    }
    for (std::size_t i = 0; i < optimizer.size(); ++i)
        out.array(cat("/optimizer/vars/", i), in_context("the optimizer's state", optimizer[i].read), true);
}

}  // namespace

void write_h5_model(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file) {
    Writer out(file);
    if (const h5::File* source = source_of(weights)) {
        copy(*source, "/", saving.strip ? training_of_model : std::set<std::string>(), saving, out);
    } else {
        write_model(out, model, weights, compilation_as(CompileForm::training_config, model, weights, saving));
    }
    out.finish();
}

void write_h5_weights(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file) {
    leave_training_out(model, saving);
    Writer out(file);
    if (const h5::File* source = source_of(weights)) copy(*source, "/model_weights", {}, saving, out);
    else write_layers(out, "/", model, weights);
    out.finish();
}

void write_object_weights(const WeightStore& weights, const std::vector<StoredWeight>& optimizer, Saving& saving,
                          OutputFile& file, std::uint64_t begin) {
    Writer out(file, begin);
    if (const h5::File* source = source_of(weights))
        copy(*source, "/", saving.strip ? training_of_objects(*source) : std::set<std::string>(), saving, out);
    else write_objects(out, weights, optimizer);
    out.finish();
}

}  // namespace layerctl::formats
