// Constants where tensors are wanted, and the dtype in which tensors and constants meet.
#include <algorithm>

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

enum class Weak { none, boolean, integer, floating };

// The kind of the Python numbers in a constant that carries no dtype.
Weak weakness(const Value& value) {
    if (value.boolean() != nullptr) return Weak::boolean;
    if (value.integer() != nullptr) return Weak::integer;
    if (value.number() != nullptr) return Weak::floating;
    Weak kind = Weak::none;
    if (const Value::Array* items = value.array())
        for (const Value& item : *items) kind = std::max(kind, weakness(item));
    return kind;
}

bool is_signed(DType dtype) {
    return dtype == DType::int8 || dtype == DType::int16 || dtype == DType::int32 || dtype == DType::int64;
}

DType promoted(DType a, DType b) {
    if (a == b) return a;
    if (a == DType::boolean || b == DType::boolean) return a == DType::boolean ? b : a;
    if (is_floating(a) != is_floating(b)) return is_floating(a) ? a : b;
    if (is_floating(a)) return dtype_size(a) == dtype_size(b) ? DType::float32 : dtype_size(a) > dtype_size(b) ? a : b;
    if (is_signed(a) != is_signed(b)) fail(Code::unsupported, "operands of dtypes ", a, " and ", b);
    return dtype_size(a) > dtype_size(b) ? a : b;
}

DType with_weak(DType dtype, Weak weak, bool keras3) {
    const bool fits = weak == Weak::none || is_floating(dtype) || (is_integer(dtype) && weak != Weak::floating) ||
                      (dtype == DType::boolean && weak == Weak::boolean);
    if (fits) return dtype;
    if (!keras3) fail(Code::unsupported, "wanted a constant of dtype ", dtype, ", found another kind of number");
    return weak == Weak::floating ? DType::float32 : DType::int32;
}

DType agreed(DType a, DType b, bool keras3) {
    if (a == DType::string || b == DType::string) fail(Code::unsupported, "strings where numbers are wanted");
    if (!keras3 && a != b) fail(Code::unsupported, "wanted operands of one dtype, found ", a, " and ", b);
    return keras3 ? promoted(a, b) : a;
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

DType common_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands) {
    std::optional<DType> dtype;
    Weak weak = Weak::none;
    for (const Operand* operand : operands) {
        if (const auto own = arguments.own_dtype(*operand))
            dtype = dtype ? agreed(*dtype, *own, arguments.keras3()) : *own;
        else weak = std::max(weak, weakness(operand->constant));
    }
    if (!dtype) fail(Code::unsupported, "an operation on constants alone");
    if (*dtype == DType::string) fail(Code::unsupported, "strings where numbers are wanted");
    return with_weak(*dtype, weak, arguments.keras3());
}

DType common_dtype(const Arguments& arguments, std::initializer_list<std::string_view> names) {
    std::vector<const Operand*> operands;
    for (const std::string_view name : names) operands.push_back(&arguments.operand(name));
    return common_dtype(arguments, operands);
}

}  // namespace layerctl::ops
