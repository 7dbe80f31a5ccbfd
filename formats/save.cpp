#include "formats/save.hpp"

#include <array>
#include <ctime>

#include "formats/h5/save_h5.hpp"
#include "formats/json/envelope.hpp"
#include "formats/keras/members.hpp"
#include "formats/npy/npy.hpp"
#include "formats/safetensors/safetensors.hpp"
#include "formats/tfjs/tfjs.hpp"
#include "formats/zip/stored_archive.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

/// "2026-11-25@09:00:00", as Keras dates its archives.
std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &parts));
}

void add_weights(StoredArchive& archive, const WeightStore& weights, const std::vector<StoredWeight>& optimizer,
                 Saving& saving, OutputFile& file) {
    archive.add(weights_member,
                [&](std::uint64_t begin) { write_object_weights(weights, optimizer, saving, file, begin); });
}

/// The archive the weights are from, member by member.
void copy_archive(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file) {
    const std::string& config = *model.config.source();
    StoredArchive archive(file);
    for (const auto& [name, text] : model.metadata.texts) archive.add(name, std::string_view(text));
    archive.add(config_member, std::string_view(saving.strip ? without_compile_config(config) : config));
    add_weights(archive, weights, {}, saving, file);
    archive.finish();
    for (const std::string& name : model.metadata.unknown_members) leave_out(cat("member '", name, "'"), saving);
}

void write_archive(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file) {
    const Compilation compilation = compilation_as(CompileForm::compile_config, model, weights, saving);
    const Value metadata = Value::object({{"keras_version", version_of(model)}, {"date_saved", now()}});
    StoredArchive archive(file);
    archive.add(metadata_member, std::string_view(to_json(metadata)));
    archive.add(config_member, std::string_view(archive_envelope(model, compilation.config)));
    add_weights(archive, weights, compilation.optimizer, saving, file);
    archive.finish();
}

/// Keras 2 leaves out how the model was compiled.
void write_json(const ModelSpec& model, Saving& saving, OutputFile& file) {
    if (model.dialect == Dialect::keras3)
        return file.write(
            archive_envelope(model, compilation_as(CompileForm::compile_config, model, model.weights, saving).config));
    leave_training_out(model, saving);
    file.write(json_envelope(model));
}

/// numpy has no bfloat16.
const NamedArrays& for_numpy(const NamedArrays& arrays) {
    for (const auto& [name, tensor] : arrays)
        if (tensor.dtype() == DType::bfloat16)
            fail(Code::unsupported, "weight '", name, "': .npz cannot hold bfloat16; .safetensors can");
    return arrays;
}

NamedArrays by_name(const WeightStore& weights) {
    NamedArrays arrays;
    for (const WeightGroup& group : weights.groups)
        for (const StoredWeight& weight : group.weights)
            arrays.emplace_back(weight.name, in_context(weight.name, [&] { return weight.read(); }));
    return arrays;
}

void require_writable(const ModelSpec& model, FileKind kind) {
    if (model.dialect == Dialect::keras1 && is_of_keras(kind))
        fail(Code::internal, "a model of Keras 1 that was not translated");
}

struct Ending {
    std::string_view text;
    FileKind kind;
};
constexpr std::array<Ending, 8> endings = {{{".keras", FileKind::keras_archive},
                                            {".weights.h5", FileKind::object_weights},
                                            {".h5", FileKind::h5},
                                            {".hdf5", FileKind::h5},
                                            {".json", FileKind::json},
                                            {".npz", FileKind::npz},
                                            {".safetensors", FileKind::safetensors},
                                            {".onnx", FileKind::onnx}}};

}  // namespace

FileKind kind_of_name(std::string_view name) {
    for (const Ending& ending : endings)
        if (name.ends_with(ending.text)) return ending.kind;
    fail(Code::usage, "'", name, "': wanted a name ending in .keras, .h5, .weights.h5, .json, .npz, .safetensors or .onnx");
}

WeightLayout layout_of(FileKind kind) {
    switch (kind) {
        case FileKind::json: return WeightLayout::none;
        case FileKind::keras_archive:
        case FileKind::object_weights: return WeightLayout::by_path;
        case FileKind::npz:
        case FileKind::safetensors:
        case FileKind::tfjs: return WeightLayout::by_name;
        default: return WeightLayout::by_order;
    }
}

bool is_of_keras(FileKind kind) {
    return kind != FileKind::npz && kind != FileKind::safetensors && kind != FileKind::onnx;
}

bool is_folder(FileKind kind) { return kind == FileKind::tfjs; }

NamedFiles write_folder(const ModelSpec& model, const WeightStore& weights, const InputShapes& inputs,
                        Saving& saving) {
    if (!is_folder(saving.kind)) fail(Code::internal, "a kind of file that is no folder");
    require_writable(model, saving.kind);
    leave_training_out(model, saving);
    return write_tfjs(model, weights, inputs);
}

void write_model(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file) {
    const bool copied = weights.file != nullptr;
    if (!copied) require_writable(model, saving.kind);
    switch (saving.kind) {
        case FileKind::keras_archive:
            return copied ? copy_archive(model, weights, saving, file) : write_archive(model, weights, saving, file);
        case FileKind::h5: return write_h5_model(model, weights, saving, file);
        case FileKind::legacy_weights: return write_h5_weights(model, weights, saving, file);
        case FileKind::object_weights:
            if (copied) leave_compilation_out(model, saving);
            else leave_training_out(model, saving);
            return write_object_weights(weights, {}, saving, file);
        case FileKind::json: return write_json(model, saving, file);
        default: leave_training_out(model, saving);
    }
    switch (saving.kind) {
        case FileKind::npz: return write_npz(for_numpy(by_name(weights)), file);
        case FileKind::safetensors: return write_safetensors(by_name(weights), file);
        case FileKind::tfjs: fail(Code::usage, "a TensorFlow.js model is a folder, not one file");
        default: fail(Code::internal, "a kind of file that api writes");  // ONNX: of a built graph
    }
}

}  // namespace layerctl::formats
