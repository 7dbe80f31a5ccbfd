#include "formats/h5/model_h5.hpp"

#include <algorithm>
#include <array>

#include "formats/h5/attributes.hpp"
#include "formats/h5/object_h5.hpp"
#include "formats/h5/stored_weight.hpp"
#include "formats/json/text.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

using FilePtr = std::shared_ptr<const h5::File>;
using h5::join;

constexpr std::string_view top_level_group = "top_level_model_weights";

/// "kernel_0", 'a', 'b' and 3 more: what a group holds, for messages.
std::string listing(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 8;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) out += cat(i > 0 ? ", '" : "'", names[i], "'");
    if (names.size() > shown) out += cat(" and ", names.size() - shown, " more");
    return out.empty() ? "nothing" : out;
}

/// Groups that only other kinds of files have in their root.
struct RootMark {
    std::string_view member;
    std::string_view variant;
};
constexpr std::array<RootMark, 2> other_variants = {{
    {"optimizer_weights", "an optimizer's state without a model"},
    {"keras_api", "a TensorFlow object graph"},
}};

[[noreturn]] void fail_unknown_root(const FilePtr& file) {
    if (h5::has_attribute(*file, "/", "nb_layers"))
        fail(Code::unsupported,
             "weights as Keras wrote them before version 1.0 (attribute 'nb_layers'), which are not supported");
    const std::vector<std::string> members = file->members("/");
    for (const RootMark& mark : other_variants)
        if (std::find(members.begin(), members.end(), mark.member) != members.end())
            fail(Code::unsupported, "the file holds ", mark.variant,
                 ", which is not supported yet; wanted a legacy Keras h5");
    fail(Code::format,
         "an HDF5 file, but not one of Keras: wanted the attribute 'model_config' or 'layer_names', found ",
         listing(members));
}

/// The group that stands for the root: some tools put the model below model/kerasmodel.
std::string model_root(const FilePtr& file) {
    for (const std::string root : {"/", "/model/kerasmodel"})
        if (file->kind(root) == h5::File::Kind::group && h5::has_attribute(*file, root, "model_config")) return root;
    if (h5::has_attribute(*file, "/", "layer_names") || file->kind("/model_weights") == h5::File::Kind::group)
        fail(Code::format, "no model_config: the file holds weights only, a model definition is needed (--weights)");
    if (holds_objects(*file))
        fail(Code::format, "the file holds weights only (.weights.h5), a model definition is needed (--weights)");
    fail_unknown_root(file);
}

/// A list of names, none of which may occur twice: HDF5 has one object per name.
std::vector<std::string> required_names(const FilePtr& file, const std::string& group, const std::string& attribute) {
    auto names = h5::read_list(*file, group, attribute);
    if (!names) fail(Code::weights, "attribute '", attribute, "' is missing");
    std::vector<std::string> sorted = *names;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) fail(Code::weights, "attribute '", attribute, "' names '", *twice, "' twice");
    return std::move(*names);
}

/// Reads the groups of one file, collecting problems.
class WeightReader {
public:
    WeightReader(const FilePtr& file, Problems& problems) : file_(file), problems_(problems) {}

    std::vector<StoredWeight> group(const std::string& path) {
        std::vector<StoredWeight> weights;
        for (const std::string& name : names(path))
            attempt(path, [&] { weights.push_back(h5::stored_weight(file_, path, name)); });
        return weights;
    }

private:
    std::vector<std::string> names(const std::string& path) {
        std::vector<std::string> found;
        attempt(path, [&] {
            const h5::File::Kind kind = file_->kind(path);
            if (kind == h5::File::Kind::absent)
                fail(Code::weights, "it is named in 'layer_names', but there is no such group");
            if (kind != h5::File::Kind::group) fail(Code::weights, "wanted a group, found a dataset");
            found = required_names(file_, path, "weight_names");
        });
        count_ += found.size();
        if (count_ > limits::attribute_items) fail(Code::refused, "more than ", limits::attribute_items, " weights");
        return found;
    }

    template <class Action>
    void attempt(const std::string& frame, Action&& action) {
        problems_.attempt([&] { in_context(frame, action); });
    }

    const FilePtr& file_;
    Problems& problems_;
    std::size_t count_ = 0;
};

/// Everything below the group that has `layer_names`.
WeightStore read_weights(const FilePtr& file, const std::string& root) {
    WeightStore store;
    store.layout = WeightLayout::by_order;
    Problems problems;
    WeightReader reader(file, problems);
    std::vector<std::string> layers;
    in_context(root, [&] {
        store.backend = h5::read_text(*file, root, "backend").value_or("");
        store.keras_version = h5::read_text(*file, root, "keras_version").value_or("");
        layers = required_names(file, root, "layer_names");
    });
    for (const std::string& layer : layers) store.groups.push_back({layer, reader.group(join(root, layer))});
    const std::string top_level = join(root, top_level_group);
    if (file->kind(top_level) == h5::File::Kind::group) store.top_level = reader.group(top_level);
    problems.throw_if_any();
    return store;
}

WeightStore read_model_weights(const FilePtr& file, const std::string& root) {
    const std::string group = join(root, "model_weights");
    if (file->kind(group) != h5::File::Kind::group)
        fail(Code::weights, "a whole-model file without the group 'model_weights', found ",
             listing(file->members(root)));
    return read_weights(file, group);
}

/// The optimizer's variables. They do not touch what a model computes, so one that cannot be described is no problem of
/// the file; but then none is returned, for half of them would be a wrong count.
std::vector<StoredWeight> read_optimizer(const FilePtr& file, const std::string& root) {
    const std::string group = join(root, "optimizer_weights");
    if (file->kind(group) != h5::File::Kind::group) return {};
    Problems problems;
    std::vector<StoredWeight> weights = WeightReader(file, problems).group(group);
    return problems.empty() ? weights : std::vector<StoredWeight>();
}

/// Root attributes first; Keras 2 repeats two of them on the weights group.
std::string root_or_weights(const FilePtr& file, const std::string& root, const std::string& name) {
    auto text = h5::read_text(*file, root, name);
    const std::string group = join(root, "model_weights");
    if (!text && file->kind(group) == h5::File::Kind::group) text = h5::read_text(*file, group, name);
    return text.value_or("");
}

Metadata read_metadata(const FilePtr& file, const std::string& root) {
    return {"h5", root_or_weights(file, root, "keras_version"), root_or_weights(file, root, "backend"),
            h5::read_text(*file, root, "training_config").value_or("")};
}

ModelSpec read_config(const FilePtr& file, const std::string& root, Dialect dialect) {
    const std::string text = h5::read_text(*file, root, "model_config").value_or("");
    return in_context("attribute 'model_config'", [&] { return parse_model(parse_json(text), dialect); });
}

}  // namespace

std::shared_ptr<ModelSpec> load_h5_model(const FilePtr& file) {
    const std::string root = model_root(file);
    const Metadata metadata = read_metadata(file, root);
    auto spec = std::make_shared<ModelSpec>();
    WeightStore weights;
    Problems problems;
    problems.attempt([&] { *spec = read_config(file, root, dialect_of(metadata.keras_version)); });
    problems.attempt([&] { weights = read_model_weights(file, root); });
    problems.throw_if_any();
    spec->weights = std::move(weights);
    spec->weights.keras_version = metadata.keras_version;
    spec->weights.optimizer = read_optimizer(file, root);
    if (root == "/") spec->weights.file = file;
    spec->metadata = metadata;
    return spec;
}

WeightStore load_h5_weights(const FilePtr& file) {
    if (h5::has_attribute(*file, "/", "layer_names")) return read_weights(file, "/");
    for (const std::string root : {"/", "/model/kerasmodel"})
        if (file->kind(join(root, "model_weights")) == h5::File::Kind::group) return read_model_weights(file, root);
    if (holds_objects(*file)) return load_object_weights(file);
    fail_unknown_root(file);
}

}  // namespace layerctl::formats
