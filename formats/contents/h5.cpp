// The variants of Keras' h5 files: what their objects are for, and which of them nobody lists.
#include <algorithm>
#include <array>
#include <set>

#include "formats/contents/parts.hpp"
#include "formats/h5/attributes.hpp"
#include "formats/h5/listing.hpp"
#include "formats/h5/object_h5.hpp"
#include "formats/h5/stored_weight.hpp"
#include "formats/h5/superblock.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

using FilePtr = std::shared_ptr<const h5::File>;
using h5::join;

constexpr std::string_view weights_group = "model_weights", optimizer_group = "optimizer_weights";

struct UseOf {
    std::string_view first;  // component of a path
    Part::Use use;
};

constexpr std::array uses = {
    UseOf{optimizer_group, Part::Use::optimizer}, UseOf{"optimizer", Part::Use::optimizer},
    UseOf{"metrics", Part::Use::other},           UseOf{"compiled_metrics", Part::Use::other},
    UseOf{"loss_tracker", Part::Use::other},      UseOf{"_loss_tracker", Part::Use::other},
    UseOf{"_compile_metrics", Part::Use::other},
};

constexpr std::array<std::string_view, 2> config_attributes = {"@model_config", "@training_config"};

Part::Use use_of(std::string_view path, const Part& part) {
    if (part.kind == Part::Kind::attribute)
        return std::any_of(config_attributes.begin(), config_attributes.end(),
                           [&](std::string_view name) { return path.ends_with(name); })
                   ? Part::Use::config
                   : Part::Use::other;
    const std::string_view first = path.substr(1, path.find('/', 1) - 1);
    for (const UseOf& known : uses)
        if (known.first == first) return known.use;
    return Part::Use::weights;
}

/// Where the attributes and groups of a whole model are; nothing if the file holds none.
std::optional<std::string> model_root(const h5::File& file) {
    for (const std::string root : {"/", "/model/kerasmodel"})
        if (file.kind(root) == h5::File::Kind::group && h5::has_attribute(file, root, "model_config")) return root;
    return std::nullopt;
}

/// Compares the groups and arrays below the group of the layers with what its attributes list.
class Listed {
public:
    Listed(const FilePtr& file, const std::string& root, const std::string& prefix, Contents& contents)
        : file_(file), root_(root), prefix_(prefix), contents_(contents) {}

    void check() {
        if (!is_group(root_)) return;
        collect("layer_names", root_, groups_);
        for (const std::string& group : std::set<std::string>(groups_)) collect("weight_names", group, arrays_);
        const std::string top = join(root_, "top_level_model_weights");
        collect("weight_names", top, arrays_);
        const std::string below = prefix_ + join(root_, "");
        std::vector<std::string> stored;
        for (const Part& part : contents_.parts)
            if (part.kind == Part::Kind::array && part.path.starts_with(below) && part.use == Part::Use::weights)
                stored.push_back(part.path.substr(prefix_.size()));
        for (const std::string& path : stored)
            if (!arrays_.contains(path)) orphan(path, "an array that no 'weight_names' lists");
    }

private:
    using Names = std::vector<std::string>;

    /// Adds the paths an attribute of `group` lists; those that are not there are faults.
    void collect(const std::string& attribute, const std::string& group, std::set<std::string>& paths) {
        if (!is_group(group)) return;
        attempt_part(contents_, prefix_ + group, [&] {
            for (const std::string& name : h5::read_list(*file_, group, attribute).value_or(Names())) {
                const std::string path = join(group, name);
                paths.insert(path);
                if (is_absent(path)) orphan(path, cat("listed in '", attribute, "', but there is no such object"));
            }
        });
    }

    bool is_group(const std::string& path) const { return kind(path) == h5::File::Kind::group; }
    bool is_absent(const std::string& path) const { return kind(path) == h5::File::Kind::absent; }

    /// Links and damaged objects were found when the objects were listed.
    h5::File::Kind kind(const std::string& path) const {
        try {
            return file_->kind(path);
        } catch (const Error&) {
            return h5::File::Kind::other;
        }
    }

    void orphan(const std::string& path, std::string message) {
        contents_.faults.push_back({Fault::Kind::orphaned, prefix_ + path, std::move(message)});
    }

    const FilePtr& file_;
    const std::string& root_;
    const std::string& prefix_;
    Contents& contents_;
    std::set<std::string> groups_, arrays_;
};

/// Groups beside those of a whole model.
void find_strangers(const FilePtr& file, const std::string& prefix, Contents& contents) {
    for (const std::string& member : file->members("/"))
        if (member != weights_group && member != optimizer_group)
            contents.faults.push_back({Fault::Kind::hidden, prefix + "/" + member, "a part that no reader looks at"});
}

void find_bytes_around(const Input& input, const std::string& prefix, Contents& contents) {
    const auto superblock = h5::find_superblock(input.size, input.read_at);
    const auto hidden = [&](std::string message) {
        contents.faults.push_back({Fault::Kind::hidden, prefix + "/", std::move(message)});
    };
    if (!superblock) return;
    if (*superblock > 0) hidden(cat(*superblock, " bytes before the HDF5 data"));
    const auto end = h5::end_of_file(*superblock, input.read_at);
    if (end && *end < input.size) hidden(cat(input.size - *end, " bytes behind the HDF5 data"));
}

void read_writer(const h5::File& file, const std::string& root, Contents& contents) {
    for (const std::string& group : {root, join(root, weights_group)}) {
        if (file.kind(group) != h5::File::Kind::group) continue;
        if (contents.keras_version.empty())
            contents.keras_version = h5::read_text(file, group, "keras_version").value_or("");
        if (contents.backend.empty()) contents.backend = h5::read_text(file, group, "backend").value_or("");
    }
}

std::string look_at(const FilePtr& file, const std::string& prefix, Contents& contents) {
    if (const auto root = model_root(*file)) {
        attempt_part(contents, prefix + *root, [&] { read_writer(*file, *root, contents); });
        Listed(file, join(*root, weights_group), prefix, contents).check();
        if (*root == "/") find_strangers(file, prefix, contents);
        return "a whole model in the legacy h5 format";
    }
    for (const std::string root : {"/", "/model_weights"}) {
        if (file->kind(root) != h5::File::Kind::group || !h5::has_attribute(*file, root, "layer_names")) continue;
        attempt_part(contents, prefix + root, [&] { read_writer(*file, root, contents); });
        Listed(file, root, prefix, contents).check();
        return "weights in the legacy h5 format";
    }
    if (holds_objects(*file)) return "weights by object (.weights.h5)";
    return "an HDF5 file that is none of Keras'";
}

}  // namespace

std::string h5_contents(const Input& input, const std::string& prefix, Contents& contents) {
    find_bytes_around(input, prefix, contents);
    const FilePtr file = input.open_h5();
    const std::size_t first = contents.parts.size();
    h5::list_objects(file, prefix, contents);
    for (std::size_t i = first; i < contents.parts.size(); ++i) {
        Part& part = contents.parts[i];
        part.use = use_of(std::string_view(part.path).substr(prefix.size()), part);
    }
    std::string variant = "an HDF5 file";
    attempt_part(contents, prefix + "/", [&] { variant = look_at(file, prefix, contents); });
    return variant;
}

}  // namespace layerctl::formats
