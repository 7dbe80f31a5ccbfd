#include "formats/safetensors/safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "formats/bytes.hpp"
#include "formats/json/text.hpp"
#include "formats/named_arrays.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/value.hpp"

namespace layerctl::formats {
namespace {

constexpr std::size_t length_bytes = 8;  // of the number that the file begins with

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

DType dtype_named(const Value* name) {
    if (name != nullptr && name->string() != nullptr)
        for (const Name& known : names)
            if (*name->string() == known.text) return known.dtype;
    fail(Code::unsupported, "'dtype': wanted one of numbers that Keras has, found ", excerpt(name ? *name : Value()));
}

/// One array: where it lies behind the header.
struct Extent {
    std::string name;
    DType dtype = DType::float32;
    Shape shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Extent read_entry(const std::string& name, const Value& entry) {
    const Value* offsets = entry.find("data_offsets");
    const Value::Array* pair = offsets == nullptr ? nullptr : offsets->array();
    const auto count = [&](std::size_t i) { return pair->at(i).integer() == nullptr ? -1 : *pair->at(i).integer(); };
    if (pair == nullptr || pair->size() != 2 || count(0) < 0 || count(1) < count(0))
        fail(Code::format, "'data_offsets': wanted a begin and an end, found ", excerpt(offsets ? *offsets : Value()));
    Extent extent{name, dtype_named(entry.find("dtype")), shape_member(entry), static_cast<std::uint64_t>(count(0)),
                  static_cast<std::uint64_t>(count(1))};
    const std::uint64_t wanted = array_bytes(extent.dtype, extent.shape), found = extent.end - extent.begin;
    if (wanted != found)
        fail(Code::format, "shape ", extent.shape, " of ", extent.dtype, ": wanted ", wanted, " bytes, found ", found);
    return extent;
}

/// The arrays must follow each other without holes and end where the file does.
void check_extents(std::vector<Extent> extents, std::uint64_t data_bytes) {
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
    std::uint64_t next = 0;
    for (const Extent& extent : extents) {
        if (extent.begin != next)
            fail(Code::format, "array '", extent.name, "' begins at byte ", extent.begin, " of the data, wanted ",
                 next);
        next = extent.end;
    }
    if (next != data_bytes)
        fail(Code::format, "the header describes ", next, " bytes of data, found ", data_bytes,
             next > data_bytes ? ": the file is truncated" : "");
}

Tensor read_array(const std::filesystem::path& path, const Extent& extent, std::uint64_t data) {
    const std::string bytes = read_range(path, data + extent.begin, extent.end - extent.begin);
    return array_of_bytes(extent.dtype, extent.shape, bytes);
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

std::vector<StoredWeight> load_safetensors(const std::filesystem::path& path) {
    const std::uint64_t size = std::filesystem::file_size(path);
    if (size < length_bytes) fail(Code::format, "a safetensors file of ", size, " bytes");
    const std::uint64_t length = little_endian(read_range(path, 0, length_bytes));
    if (length > limits::safetensors_header_bytes)
        fail(Code::refused, "a header of ", length, " bytes, the limit is ", limits::safetensors_header_bytes);
    if (length > size - length_bytes)
        fail(Code::format, "a header of ", length, " bytes in a file of ", size, ": the file is truncated");
    const Config header = in_context("header", [&] { return parse_json(read_range(path, length_bytes, length)); });
    if (header.value().object() == nullptr)
        fail(Code::format, "header: wanted an object, found ", excerpt(header.value()));
    std::vector<Extent> extents;
    Problems problems;
    for (const auto& member : *header.value().object())
        if (const std::string& name = member.first; name != "__metadata__")
            problems.attempt([&] {
                in_context(cat("array '", name, "'"), [&] { extents.push_back(read_entry(name, member.second)); });
            });
    problems.throw_if_any();
    const std::uint64_t data = length_bytes + length;
    check_extents(extents, size - data);
    std::vector<StoredWeight> arrays;
    for (const Extent& extent : extents)
        arrays.push_back({extent.name, extent.dtype, extent.shape, [=] { return read_array(path, extent, data); }});
    return arrays;
}

void write_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays, OutputFile& file) {
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
    file.write(little_endian_bytes(text.size()) + text);
    for (const auto& [name, tensor] : arrays) file.write(as_text({tensor.data(), tensor.byte_size()}));
}

}  // namespace layerctl::formats
