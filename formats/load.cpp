#include "formats/load.hpp"

#include "formats/bytes.hpp"
#include "formats/detect.hpp"
#include "formats/h5/model_h5.hpp"
#include "formats/h5/sharded_h5.hpp"
#include "formats/json/architecture.hpp"
#include "formats/json/text.hpp"
#include "formats/keras/archive.hpp"
#include "formats/lookup_state.hpp"
#include "formats/named_arrays.hpp"
#include "formats/npy/npy.hpp"
#include "formats/safetensors/safetensors.hpp"
#include "formats/savedmodel/saved_model.hpp"
#include "formats/tfjs/tfjs.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

std::vector<StoredWeight> load_npz(const std::filesystem::path& path) {
    std::vector<StoredWeight> arrays;
    for (auto& [name, tensor] : read_npz(as_bytes(read_file(path))))
        arrays.push_back({name, tensor.dtype(), tensor.shape(), [tensor = tensor] { return tensor; }});
    return arrays;
}

/// The JSON of a model: a file, or model.json in a folder.
std::filesystem::path json_file(const std::filesystem::path& path) {
    return std::filesystem::is_directory(path) ? path / "model.json" : path;
}

std::shared_ptr<ModelSpec> read_json_model(const std::filesystem::path& path) {
    const Config document = parse_json(read_file(path));
    return is_tfjs(document.value()) ? load_tfjs_model(document, path.parent_path()) : load_json_model(document);
}

WeightStore read_json_weights(const std::filesystem::path& path) {
    const std::filesystem::path file = json_file(path);
    const Config document = parse_json(read_file(file));
    if (is_tfjs(document.value())) return load_tfjs_weights(document, file.parent_path());
    return load_sharded_weights(document, file);
}

WeightStore read_weights(const std::filesystem::path& path) {
    const Detection found = detect(path);
    if (found.variant == Variant::h5) return load_h5_weights(h5::File::open(path));
    if (found.variant == Variant::keras_archive) return load_keras_weights(path);
    if (found.variant == Variant::json || found.variant == Variant::tfjs) return read_json_weights(path);
    if (found.variant == Variant::saved_model) return load_saved_model(path)->weights;
    if (found.variant == Variant::npz) return store_of_names(load_npz(path));
    if (found.variant == Variant::safetensors) return store_of_names(load_safetensors(path));
    fail(found.code, "wanted weights of a Keras model, found ", found.description);
}

}  // namespace

std::shared_ptr<ModelSpec> load_model(const std::filesystem::path& path) {
    const Detection found = detect(path);
    if (found.variant == Variant::h5) return load_h5_model(h5::File::open(path));
    if (found.variant == Variant::json || found.variant == Variant::tfjs) return read_json_model(json_file(path));
    if (found.variant == Variant::keras_archive) return load_keras_archive(path);
    if (found.variant == Variant::saved_model) return load_saved_model(path);
    fail_unreadable(found);
}

std::shared_ptr<ModelSpec> load_model(std::span<const std::byte> bytes) {
    const Detection found = detect(bytes);
    if (found.variant == Variant::h5) return load_h5_model(h5::File::open(bytes));
    if (found.variant == Variant::json) return parse_model_json(as_text(bytes));
    if (found.variant == Variant::keras_archive) return load_keras_archive(bytes);
    fail_unreadable(found);
}

std::shared_ptr<ModelSpec> parse_model_json(std::string_view json) {
    return load_json_model(parse_json(std::string(json)));
}

void load_weights(const std::filesystem::path& path, ModelSpec& model) {
    in_context(path.string(), [&] {
        model.weights = read_weights(path);
        model.weights.grafted = true;
        adopt_lookup_state(model, {});
    });
}

}  // namespace layerctl::formats
