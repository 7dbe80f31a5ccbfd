#include "formats/named_arrays.hpp"

#include <algorithm>
#include <set>

#include "models/error.hpp"

namespace layerctl::formats {

Shape shape_member(const Value& object) {
    const Value* list = object.find("shape");
    if (list == nullptr || list->array() == nullptr)
        fail(Code::format, "'shape': wanted a list, found ", excerpt(list == nullptr ? Value() : *list));
    std::vector<std::int64_t> dims;
    for (const Value& dim : *list->array()) {
        if (dim.integer() == nullptr || *dim.integer() < 0)
            fail(Code::format, "'shape': wanted counts, found ", excerpt(*list));
        dims.push_back(*dim.integer());
    }
    return Shape(std::move(dims));
}

std::uint64_t array_bytes(DType dtype, const Shape& shape) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(shape.elements()), std::uint64_t{dtype_size(dtype)}, &bytes))
        fail(Code::refused, "an array of shape ", shape, " is too large");
    return bytes;
}

Tensor array_of_bytes(DType dtype, const Shape& shape, std::string_view bytes) {
    Tensor tensor = Tensor::uninitialized(dtype, shape);
    if (bytes.size() != tensor.byte_size())
        fail(Code::internal, "an array of ", tensor.byte_size(), " bytes from ", bytes.size());
    auto* out = reinterpret_cast<char*>(tensor.mutable_data());
    std::copy(bytes.begin(), bytes.end(), out);
    if (dtype == DType::boolean)  // any other byte in a C++ bool would be undefined
        std::transform(out, out + bytes.size(), out, [](char c) { return static_cast<char>(c != 0); });
    return tensor;
}

WeightStore store_of_names(std::vector<StoredWeight> arrays) {
    std::set<std::string_view> names;
    for (const StoredWeight& array : arrays)
        if (!names.insert(array.name).second) fail(Code::weights, "two arrays are named '", array.name, "'");
    WeightStore store;
    store.layout = WeightLayout::by_name;
    store.groups.push_back({"", std::move(arrays)});
    return store;
}

}  // namespace layerctl::formats
