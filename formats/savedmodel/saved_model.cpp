#include "formats/savedmodel/saved_model.hpp"

#include <map>
#include <optional>

#include "formats/bytes.hpp"
#include "formats/json/architecture.hpp"
#include "formats/json/text.hpp"
#include "formats/lookup_state.hpp"
#include "formats/savedmodel/object_graph.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/protobuf.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

std::string read_part(const fs::path& file) {
    if (!fs::is_regular_file(fs::symlink_status(file))) fail(Code::io, "there is no such file");
    if (fs::file_size(file) > limits::json_bytes)
        fail(Code::refused, "a file of ", fs::file_size(file), " bytes, the limit is ", limits::json_bytes);
    return read_file(file);
}

/// SavedMetadata: the JSON of the node that is the model. Empty if there is none.
std::string metadata_of_root(std::string_view message) {
    for (ProtobufReader nodes(message); nodes.next();) {
        if (nodes.field() != 1) continue;
        std::string path, metadata;
        for (ProtobufReader fields(nodes.bytes()); fields.next();) {
            if (fields.field() == 3) path = fields.bytes();
            if (fields.field() == 5) metadata = fields.bytes();
        }
        if (path == "root") return metadata;
    }
    return "";
}

/// The first field of that number in a message; empty if there is none.
std::string_view field(std::string_view message, std::uint64_t number) {
    for (ProtobufReader fields(message); fields.next();)
        if (fields.field() == number && fields.is_bytes()) return fields.bytes();
    return {};
}

constexpr std::uint64_t meta_graphs = 2, signature_def = 5, object_graph_def = 7, user_object = 4;

/// Before TensorFlow 2.5 the metadata lay with the object itself: SavedModel.meta_graphs.object_graph_def.nodes[0].
std::string metadata_of_object(std::string_view saved_model) {
    const std::string_view graph = field(field(saved_model, meta_graphs), object_graph_def);
    return std::string(field(field(field(graph, 1), user_object), 3));
}

/// TensorInfo: "float32 (None, 4)".
std::string described(std::string_view tensor) {
    std::uint64_t dtype = 0;
    std::vector<std::int64_t> dims;
    bool unknown_rank = false;
    for (ProtobufReader fields(tensor); fields.next();) {
        if (fields.field() == 2) dtype = fields.number();
        if (fields.field() != 3) continue;
        for (ProtobufReader shape(fields.bytes()); shape.next();) {
            if (shape.field() == 3) unknown_rank = shape.number() != 0;
            if (shape.field() != 2) continue;
            std::int64_t size = 0;
            for (ProtobufReader dim(shape.bytes()); dim.next();)
                if (dim.field() == 1) size = static_cast<std::int64_t>(dim.number());
            dims.push_back(size < 0 ? Shape::unknown : size);
        }
    }
    std::string name = cat("dtype ", dtype);
    try {
        name = dtype_name(tensorflow_dtype(dtype));
    } catch (const Error&) {
    }
    return cat(name, " ", unknown_rank ? "of any shape" : Shape(dims).text());
}

/// The entries of a map field: key 1, value 2.
std::map<std::string, std::string_view> entries(std::string_view message, std::uint64_t number) {
    std::map<std::string, std::string_view> all;
    for (ProtobufReader fields(message); fields.next();)
        if (fields.field() == number) all.emplace(field(fields.bytes(), 1), field(fields.bytes(), 2));
    return all;
}

std::string listed(const std::map<std::string, std::string_view>& tensors) {
    std::string text;
    for (const auto& [name, tensor] : tensors)
        if (text.size() < 500) text += cat(text.empty() ? "" : ", ", name, " ", described(tensor));
    return text.empty() ? "nothing" : text;
}

/// "serving_default: input_1 float32 (None, 4) -> dense float32 (None, 2)"
std::string signatures(std::string_view saved_model) {
    std::string text;
    for (const auto& [name, signature] : entries(field(saved_model, meta_graphs), signature_def))
        if (!name.starts_with("__"))
            text +=
                cat("; signature ", name, ": ", listed(entries(signature, 1)), " -> ", listed(entries(signature, 2)));
    return text.empty() ? "; it has no signatures" : text;
}

[[noreturn]] void fail_without_keras(std::string_view saved_model) {
    fail(Code::unsupported,
         "a SavedModel that holds TensorFlow's functions and nothing of Keras about its layers (keras_metadata.pb, as "
         "model.save of Keras 2 writes it; export writes none)",
         signatures(saved_model));
}

std::string read_metadata(const fs::path& folder) {
    const std::string saved_model = in_context("saved_model.pb", [&] { return read_part(folder / "saved_model.pb"); });
    const fs::path file = folder / "keras_metadata.pb";
    std::string metadata;
    if (fs::exists(file)) metadata = in_context("keras_metadata.pb", [&] { return metadata_of_root(read_part(file)); });
    if (metadata.empty()) metadata = in_context("saved_model.pb", [&] { return metadata_of_object(saved_model); });
    if (metadata.empty()) in_context("saved_model.pb", [&] { fail_without_keras(saved_model); });
    return metadata;
}

/// Tuples and shapes become the lists they are in every other file of Keras.
Value without_tuples(Value value) {
    if (Value::Array* items = value.array())
        for (Value& item : *items) item = without_tuples(std::move(item));
    if (Value::Object* members = value.object())
        for (auto& member : *members) member.second = without_tuples(std::move(member.second));
    const Value* class_name = value.find("class_name");
    const Value* items = value.find("items");
    if (class_name == nullptr || items == nullptr) return value;
    const bool list = *class_name == Value("__tuple__") || *class_name == Value("TensorShape");
    return list ? Value(*items) : value;
}

struct Architecture {
    Value envelope;
    Metadata metadata;
};

Architecture read_architecture(const fs::path& folder) {
    const std::string metadata = read_metadata(folder);
    return in_context("metadata of Keras", [&]() -> Architecture {
        const Config document = parse_json(metadata);
        const Value* config = document.find("config");
        const std::string class_name = document.value().string_at("class_name");
        if (config == nullptr || config->find("layers") == nullptr)
            fail(Code::unsupported, "a model of the class '", class_name,
                 "': only its code knows the layers it is made of, the file has no config of them");
        Metadata facts;
        facts.variant = "savedmodel";
        facts.keras_version = document.value().string_at("keras_version");
        facts.backend = document.value().string_at("backend");
        const Value* training = document.find("training_config");
        if (training != nullptr && training->object() != nullptr)
            facts.training_config = to_json(without_tuples(*training));
        return {Value::object({{"class_name", class_name}, {"config", without_tuples(*config)}}), facts};
    });
}

}  // namespace

std::shared_ptr<ModelSpec> load_saved_model(const fs::path& folder) {
    const Architecture architecture = read_architecture(folder);
    std::shared_ptr<ModelSpec> spec;
    ObjectArrays found;
    Problems problems;
    problems.attempt([&] {
        const Config envelope = parse_json(to_json(architecture.envelope));
        spec = in_context("metadata of Keras", [&] { return load_json_model(envelope, architecture.metadata); });
    });
    problems.attempt([&] {
        in_context("variables", [&] {
            const auto bundle = Bundle::open(folder / "variables" / "variables");
            const Value& layers = *architecture.envelope.find("config")->find("layers");
            const bool sequential = *architecture.envelope.find("class_name") == Value("Sequential");
            if (layers.array() == nullptr) fail(Code::config, "'layers': wanted a list, found ", excerpt(layers));
            found = find_objects(*bundle, *layers.array(), sequential);
        });
    });
    problems.throw_if_any();
    spec->weights = store_of_objects(std::move(found));
    adopt_lookup_state(*spec, {});
    return spec;
}

}  // namespace layerctl::formats
