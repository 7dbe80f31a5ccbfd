#include "formats/keras/archive.hpp"

#include <algorithm>

#include "formats/h5/object_h5.hpp"
#include "formats/json/architecture.hpp"
#include "formats/json/text.hpp"
#include "formats/keras/members.hpp"
#include "formats/keras/parts.hpp"
#include "formats/lookup_state.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

constexpr std::string_view asset_folder = "assets/";
constexpr std::string_view vocabulary = "vocabulary.txt";

bool holds(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Config read_json(const KerasParts& parts, const std::string& name) {
    if (!holds(parts.names(), name)) fail(Code::format, "wanted a model archive of Keras, found no '", name, "' in it");
    return in_context(name, [&] { return parse_json(parts.read(name, limits::json_bytes)); });
}

Metadata read_metadata(const KerasParts& parts) {
    const Config facts = read_json(parts, metadata_member);
    Metadata metadata;
    metadata.variant = "keras";
    const Value* version = facts.find("keras_version");
    if (version == nullptr || version->string() == nullptr)
        fail(Code::format, "metadata.json: wanted a 'keras_version', found ", excerpt(facts.value()));
    metadata.keras_version = *version->string();
    metadata.texts.emplace(metadata_member, *facts.source());
    for (const std::string& name : parts.names())
        if (!name.starts_with(asset_folder) && name != config_member && name != metadata_member &&
            name != weights_member)
            metadata.unknown_members.push_back(name);
    return metadata;
}

WeightStore read_weights(const KerasParts& parts) {
    const std::vector<std::string> names = parts.names();
    if (holds(names, "model.weights.npz"))
        fail(Code::refused, "model.weights.npz holds pickled Python objects, which could run code when read");
    if (!holds(names, weights_member))
        fail(Code::format, "wanted a model archive of Keras, found no '", weights_member, "' in it");
    return in_context(weights_member, [&] { return load_object_weights(parts.open_h5(weights_member)); });
}

using Texts = std::map<std::string, std::string>;

Texts read_assets(const KerasParts& parts) {
    Texts assets;
    for (const std::string& name : parts.names())
        if (name.starts_with(asset_folder)) assets.emplace(name, parts.read(name, limits::asset_bytes));
    return assets;
}

/// By the path of their object: "layers/string_lookup/vocabulary.txt".
Texts vocabularies_in(const Texts& assets) {
    Texts found;
    for (const auto& [name, text] : assets)
        if (name.ends_with(vocabulary)) found.emplace(name.substr(asset_folder.size()), text);
    return found;
}

/// Everything wrong with the parts together.
std::shared_ptr<ModelSpec> read_model(const KerasParts& parts) {
    std::shared_ptr<ModelSpec> spec;
    WeightStore weights;
    Texts assets;
    Problems problems;
    problems.attempt([&] {
        const Config document = read_json(parts, config_member);
        spec = in_context(config_member, [&] { return load_json_model(document, read_metadata(parts)); });
    });
    problems.attempt([&] { weights = read_weights(parts); });
    problems.attempt([&] { assets = read_assets(parts); });
    problems.throw_if_any();
    spec->weights = std::move(weights);
    adopt_lookup_state(*spec, vocabularies_in(assets));
    spec->metadata.texts.merge(assets);
    return spec;
}

}  // namespace

std::shared_ptr<ModelSpec> load_keras_archive(const std::filesystem::path& path) {
    return read_model(*KerasParts::open(path));
}

std::shared_ptr<ModelSpec> load_keras_archive(std::span<const std::byte> bytes) {
    return read_model(*KerasParts::open(bytes));
}

WeightStore load_keras_weights(const std::filesystem::path& path) { return read_weights(*KerasParts::open(path)); }

}  // namespace layerctl::formats
