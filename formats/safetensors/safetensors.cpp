#include "formats/safetensors/safetensors.hpp"

#include <array>
#include <cstdint>

#include "models/error.hpp"
#include "models/value.hpp"

namespace layerctl::formats {
namespace {

struct Name {
    DType dtype;
    const char* text;
};
constexpr std::array<Name, 13> names = {{
    {DType::boolean, "BOOL"},
    {DType::int8, "I8"},
    {DType::int16, "I16"},
    {DType::int32, "I32"},
    {DType::int64, "I64"},
    {DType::uint8, "U8"},
    {DType::uint16, "U16"},
    {DType::uint32, "U32"},
    {DType::uint64, "U64"},
    {DType::float16, "F16"},
    {DType::bfloat16, "BF16"},
    {DType::float32, "F32"},
    {DType::float64, "F64"},
}};

const char* name_of(DType dtype) {
    for (const Name& name : names)
        if (name.dtype == dtype) return name.text;
    fail(Code::unsupported, "safetensors cannot hold ", dtype);
}

Value dims_of(const Shape& shape) {
    Value::Array dims;
    for (const std::int64_t dim : shape.dims()) dims.emplace_back(dim);
    return dims;
}

std::string little_endian_bytes(std::uint64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
    return bytes;
}

}  // namespace

std::string write_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays) {
    Value::Object header;
    std::int64_t end = 0;
    for (const auto& [name, tensor] : arrays) {
        const std::int64_t begin = end;
        end += static_cast<std::int64_t>(tensor.byte_size());
        header.emplace_back(name, Value::object({{"dtype", name_of(tensor.dtype())},
                                                 {"shape", dims_of(tensor.shape())},
                                                 {"data_offsets", Value::array({begin, end})}}));
    }
    std::string text = to_json(header);
    text.append((8 - text.size() % 8) % 8, ' ');  // the arrays begin at a multiple of 8
    std::string bytes = little_endian_bytes(text.size()) + text;
    bytes.reserve(bytes.size() + static_cast<std::size_t>(end));
    for (const auto& [name, tensor] : arrays)
        bytes.append(reinterpret_cast<const char*>(tensor.data()), tensor.byte_size());
    return bytes;
}

}  // namespace layerctl::formats
