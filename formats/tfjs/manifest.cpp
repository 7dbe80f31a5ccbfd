#include "formats/tfjs/manifest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "formats/bytes.hpp"
#include "formats/named_arrays.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

const Value::Array& list_member(const Value& object, const char* key) {
    const Value* list = object.find(key);
    if (list == nullptr || list->array() == nullptr)
        fail(Code::format, "'", key, "': wanted a list, found ", excerpt(list == nullptr ? Value() : *list));
    return *list->array();
}

const std::string& text_member(const Value& object, const char* key) {
    const Value* text = object.find(key);
    if (text == nullptr || text->string() == nullptr)
        fail(Code::format, "'", key, "': wanted a string, found ", excerpt(text == nullptr ? Value() : *text));
    return *text->string();
}

double number_member(const Value& object, const char* key) {
    const Value* value = object.find(key);
    if (value != nullptr && value->number() != nullptr) return *value->number();
    if (value != nullptr && value->integer() != nullptr) return static_cast<double>(*value->integer());
    fail(Code::format, "'", key, "': wanted a number, found ", excerpt(value == nullptr ? Value() : *value));
}

/// The files of one group, read as if they were one.
class Shards {
public:
    Shards(const Value::Array& names, const fs::path& folder) {
        for (const Value& name : names) {
            if (name.string() == nullptr) fail(Code::format, "'paths': wanted names of files, found ", excerpt(name));
            in_context(cat("'", *name.string(), "'"), [&] { add(*name.string(), folder); });
        }
    }

    std::uint64_t size() const { return size_; }

    std::string read(std::uint64_t offset, std::uint64_t count) const {
        std::string bytes;
        for (const Shard& shard : shards_) {
            if (offset < shard.size && count > 0) {
                const std::uint64_t part = std::min(count, shard.size - offset);
                bytes += read_range(shard.path, offset, part);
                count -= part;
                offset = 0;
            } else {
                offset -= std::min(offset, shard.size);
            }
        }
        return bytes;
    }

private:
    struct Shard {
        fs::path path;
        std::uint64_t size;
    };

    /// A name alone: anything with a folder or a scheme in it could lead elsewhere, and so could a link.
    void add(const std::string& name, const fs::path& folder) {
        if (name.empty() || name == ".." || name.find_first_of("/\\:") != std::string::npos)
            fail(Code::refused, "wanted the name of a file beside model.json");
        const fs::path path = folder / name;
        const fs::file_status status = fs::symlink_status(path);
        if (!fs::exists(status)) fail(Code::io, "the manifest names it, but there is no such file");
        if (!fs::is_regular_file(status)) fail(Code::refused, "wanted a file, found a link or a folder");
        shards_.push_back({path, fs::file_size(path)});
        size_ += shards_.back().size;
    }

    std::vector<Shard> shards_;
    std::uint64_t size_ = 0;
};

/// What TensorFlow.js stores.
constexpr std::array stored_dtypes = {DType::float32, DType::float16, DType::int32,  DType::uint8,
                                      DType::uint16,  DType::boolean, DType::uint32, DType::int8};

DType dtype_member(const Value& object) {
    const std::string& name = text_member(object, "dtype");
    const std::optional<DType> dtype = parse_dtype(name);
    if (!dtype || std::find(stored_dtypes.begin(), stored_dtypes.end(), *dtype) == stored_dtypes.end())
        fail(Code::unsupported, "'dtype': wanted one of numbers, found '", name, "'");
    return *dtype;
}

/// Integers on a line between two numbers, or halves.
struct Quantization {
    DType dtype;
    double scale = 1;
    double min = 0;
};

std::optional<Quantization> quantization_of(const Value& entry, DType original) {
    const Value* quantization = entry.find("quantization");
    if (quantization == nullptr || quantization->is_null()) return std::nullopt;
    Quantization found{dtype_member(*quantization)};
    const bool linear = found.dtype == DType::uint8 || found.dtype == DType::uint16;
    const bool half = found.dtype == DType::float16 && original == DType::float32;
    if (!half && (!linear || (original != DType::float32 && original != DType::int32)))
        fail(Code::unsupported, "'quantization': ", found.dtype, " that stands for ", original);
    if (linear) {
        found.scale = number_member(*quantization, "scale");
        found.min = number_member(*quantization, "min");
    }
    return found;
}

/// As TensorFlow.js computes it: in doubles, halves of integers rounded up.
Tensor dequantized(const Tensor& stored, const Quantization& quantization, DType original) {
    if (quantization.dtype == DType::float16) return stored.cast(original);
    Tensor numbers = stored.cast(DType::float64);
    for (double& number : numbers.mutable_values<double>()) {
        number = number * quantization.scale + quantization.min;
        if (original == DType::int32) number = std::floor(number + 0.5);
    }
    return numbers.cast(original);
}

/// Appends the arrays of one group.
void read_group(const Value& group, const fs::path& folder, std::vector<StoredWeight>& arrays) {
    const auto shards = std::make_shared<const Shards>(list_member(group, "paths"), folder);
    std::uint64_t next = 0;
    for (const Value& entry : list_member(group, "weights")) {
        const std::string& name = text_member(entry, "name");
        in_context(cat("weight '", name, "'"), [&] {
            const DType dtype = dtype_member(entry);
            const Shape shape = shape_member(entry);
            const auto quantization = quantization_of(entry, dtype);
            const DType stored = quantization ? quantization->dtype : dtype;
            const std::uint64_t begin = next, size = array_bytes(stored, shape);
            if (size > shards->size() - begin)
                fail(Code::format, "wanted ", size, " bytes at ", begin, ", found files of ", shards->size());
            next = begin + size;
            arrays.push_back({name, dtype, shape, [=] {
                                  const Tensor tensor = array_of_bytes(stored, shape, shards->read(begin, size));
                                  return quantization ? dequantized(tensor, *quantization, dtype) : tensor;
                              }});
        });
    }
    if (next != shards->size()) fail(Code::format, "its weights take ", next, " bytes, found ", shards->size());
}

}  // namespace

std::vector<StoredWeight> read_manifest(const Value& manifest, const fs::path& folder) {
    if (manifest.array() == nullptr) fail(Code::format, "'weightsManifest': wanted a list, found ", excerpt(manifest));
    std::vector<StoredWeight> arrays;
    for (std::size_t i = 0; i < manifest.array()->size(); ++i)
        in_context(cat("weight group ", i + 1), [&] { read_group((*manifest.array())[i], folder, arrays); });
    return arrays;
}

}  // namespace layerctl::formats
