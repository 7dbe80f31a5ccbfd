// ModelSpec -> model.json and its shards, as the converter of TensorFlow.js 4.22 writes them.
#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "formats/json/envelope.hpp"
#include "formats/tfjs/layers.hpp"
#include "formats/tfjs/tfjs.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

constexpr std::size_t shard_bytes = 4UL << 20;

/// What Keras holds and TensorFlow.js does not, as its converter turns it.
Tensor storable(const Tensor& tensor) {
    switch (tensor.dtype()) {
        case DType::float32:
        case DType::float16:
        case DType::int32:
        case DType::uint8:
        case DType::boolean: return tensor;
        case DType::int8:
        case DType::int16:
        case DType::uint16: return tensor.cast(DType::int32);
        case DType::int64: {
            constexpr auto limit = std::numeric_limits<std::int32_t>::max();
            for (const std::int64_t number : tensor.values<std::int64_t>())
                if (number > limit || number < -limit - 1)
                    fail(Code::unsupported, "TensorFlow.js has integers of 32 bits, found ", number);
            return tensor.cast(DType::int32);
        }
        default: fail(Code::unsupported, "TensorFlow.js does not hold weights of ", tensor.dtype());
    }
}

struct Weights {
    Value::Array entries;
    std::string bytes;
};

/// Halves are floats to TensorFlow.js, stored in another way.
Value entry_of(const std::string& name, const Tensor& tensor) {
    Value::Array dims;
    for (const std::int64_t dim : tensor.shape().dims()) dims.emplace_back(dim);
    const bool half = tensor.dtype() == DType::float16;
    const std::string dtype(dtype_name(half ? DType::float32 : tensor.dtype()));
    Value::Object entry = {{"name", name}, {"shape", dims}, {"dtype", dtype}};
    if (half)
        entry.emplace_back("quantization", Value::object({{"dtype", "float16"}, {"original_dtype", dtype}}));
    return entry;
}

Weights lay_out(const WeightStore& store, const std::vector<std::string>& names) {
    Weights weights;
    std::map<std::string, std::string> owner;
    std::size_t next = 0;
    for (const StoredWeight& weight : store.groups.at(0).weights)
        in_context(cat("weight '", weight.name, "'"), [&] {
            const std::string& name = names[next++];
            const auto [before, is_new] = owner.emplace(name, weight.name);
            if (!is_new) fail(Code::unsupported, "TensorFlow.js calls it '", name, "', like '", before->second, "'");
            const Tensor tensor = storable(weight.read());
            weights.entries.push_back(entry_of(name, tensor));
            weights.bytes.append(reinterpret_cast<const char*>(tensor.data()), tensor.byte_size());
        });
    return weights;
}

NamedFiles split(const std::string& bytes) {
    NamedFiles shards;
    const std::size_t count = (bytes.size() + shard_bytes - 1) / shard_bytes;
    for (std::size_t i = 0; i < count; ++i)
        shards.emplace_back(cat("group1-shard", i + 1, "of", count, ".bin"),
                            bytes.substr(i * shard_bytes, shard_bytes));
    return shards;
}

std::string document(ModelSpec model, const Value& manifest) {
    model.config = Config(tfjs_config(model));
    const std::string version = to_json(Value(version_of(model)));
    return "{\"format\": \"layers-model\", \"generatedBy\": " + to_json(Value("keras v" + version_of(model))) +
           ", \"convertedBy\": \"layerctl\", \"modelTopology\": {\"keras_version\": " + version +
           ", \"backend\": \"tensorflow\", \"model_config\": " + legacy_envelope(model) +
           "}, \"weightsManifest\": " + to_json(manifest) + "}";
}

}  // namespace

NamedFiles write_tfjs(const ModelSpec& model, const WeightStore& weights, const InputShapes& inputs) {
    require_known_to_tfjs(model, inputs);
    Weights all = lay_out(weights, tfjs_names(model, weights.groups.at(0).weights));
    NamedFiles files = split(all.bytes);
    Value::Array paths;
    for (const auto& file : files) paths.emplace_back(file.first);
    const Value group = Value::object({{"paths", paths}, {"weights", std::move(all.entries)}});
    files.emplace_back("model.json", document(model, Value::array({group})));
    return files;
}

}  // namespace layerctl::formats
