// Constants where tensors are wanted.
#include <cstdlib>

#include "engine/ops/table/arguments.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

void flatten(const Value& value, std::size_t depth, std::vector<std::int64_t>& dims, std::vector<double>& numbers) {
    if (const Value::Array* items = value.array()) {
        if (dims.size() <= depth) dims.push_back(static_cast<std::int64_t>(items->size()));
        if (dims[depth] != static_cast<std::int64_t>(items->size()))
            fail(Code::config, "wanted an array, found rows of different lengths");
        for (const Value& item : *items) flatten(item, depth + 1, dims, numbers);
        return;
    }
    if (dims.size() != depth) fail(Code::config, "wanted an array, found ", excerpt(value), " beside a list");
    if (value.boolean() != nullptr) numbers.push_back(*value.boolean() ? 1 : 0);
    else if (value.number() != nullptr) numbers.push_back(*value.number());
    else if (value.integer() != nullptr && std::abs(*value.integer()) <= (std::int64_t{1} << 53))
        numbers.push_back(static_cast<double>(*value.integer()));
    else fail(Code::unsupported, "wanted a number, found ", excerpt(value));
}

const Value* array_object(const Value& value) {
    const Value* class_name = value.find("class_name");
    if (class_name == nullptr || class_name->string() == nullptr) return nullptr;
    if (*class_name->string() != "__tensor__" && *class_name->string() != "__numpy__") return nullptr;
    return value.find("config");
}

}  // namespace

Tensor constant_tensor(const Value& value, std::optional<DType> as) {
    const Value* object = array_object(value);
    const Value* items = object == nullptr ? &value : object->find("value");
    if (items == nullptr) fail(Code::config, "wanted a member 'value', found ", excerpt(value));
    std::vector<std::int64_t> dims;
    std::vector<double> numbers;
    flatten(*items, 0, dims, numbers);
    const Tensor tensor = Tensor::from(Shape(dims), numbers);
    return as ? tensor.cast(*as) : tensor;
}

}  // namespace layerctl::ops
