// Reading the arguments of an operation.
#include "engine/ops/table/arguments.hpp"

#include <algorithm>
#include <cmath>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

using Kind = Operand::Kind;

[[noreturn]] void wrong(std::string_view name, std::string_view wanted, const Value& found) {
    fail(Code::unsupported, "argument '", name, "': wanted ", wanted, ", found ", excerpt(found));
}

/// Keras 3's tuples in configs, which mean lists.
const Value& untupled(const Value& value) {
    const Value* class_name = value.find("class_name");
    if (class_name == nullptr || !(*class_name == Value("__tuple__"))) return value;
    const Value* items = value.find("items");
    return items == nullptr ? value : *items;
}

std::int64_t only_element(const Tensor& tensor) {
    if (tensor.elements() != 1) fail(Code::shape, "wanted one integer, found shape ", tensor.shape());
    return tensor.cast(DType::int64).values<std::int64_t>()[0];
}

}  // namespace

DType carried(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16 ? DType::float32 : dtype; }

bool Arguments::given(std::string_view name) const {
    const Operand& argument = operand(name);
    return argument.kind != Kind::absent && !(argument.kind == Kind::constant && argument.constant.is_null());
}

const Value& Arguments::constant(std::string_view name) const {
    const Operand& argument = operand(name);
    if (argument.kind != Kind::constant) fail(Code::unsupported, "argument '", name, "' is not supported as a tensor");
    return untupled(argument.constant);
}

std::int64_t Arguments::integer(std::string_view name) const {
    const Value& value = constant(name);
    if (value.integer() == nullptr) wrong(name, "an integer", value);
    return *value.integer();
}

double Arguments::number(std::string_view name) const {
    const Value& value = constant(name);
    if (value.integer() != nullptr) return static_cast<double>(*value.integer());
    if (value.number() == nullptr) wrong(name, "a number", value);
    return *value.number();
}

bool Arguments::flag(std::string_view name) const {
    const Value& value = constant(name);
    if (value.boolean() == nullptr) wrong(name, "true or false", value);
    return *value.boolean();
}

const std::string& Arguments::text(std::string_view name) const {
    const Value& value = constant(name);
    if (value.string() == nullptr) wrong(name, "a string", value);
    return *value.string();
}

DType Arguments::dtype_named(std::string_view name) const {
    const auto dtype = parse_dtype(text(name));
    if (!dtype) wrong(name, "a dtype", constant(name));
    return *dtype;
}

std::vector<std::int64_t> Arguments::integers(std::string_view name) const {
    const Value& value = constant(name);
    if (value.integer() != nullptr) return {*value.integer()};
    if (value.array() == nullptr) wrong(name, "integers", value);
    std::vector<std::int64_t> result;
    for (const Value& item : *value.array()) {
        if (item.integer() == nullptr) wrong(name, "integers", value);
        result.push_back(*item.integer());
    }
    return result;
}

Size Arguments::size(const Operand& argument) const {
    if (argument.kind == Kind::constant && argument.constant.integer() != nullptr) return *argument.constant.integer();
    if (argument.kind != Kind::tensor) fail(Code::unsupported, "wanted an integer, found ", excerpt(argument.constant));
    return running() ? Size(only_element((*tensors_)[argument.input])) : std::nullopt;
}

std::vector<Size> Arguments::sizes(std::string_view name) const {
    const Operand& argument = operand(name);
    std::vector<Size> result;
    if (argument.kind == Kind::list) {
        for (const Operand& item : argument.items) result.push_back(size(item));
    } else if (argument.kind == Kind::tensor) {
        const Shape& shape = (*shapes_)[argument.input];
        if (shape.rank() != 1 || !shape.is_known())
            fail(Code::unsupported, "argument '", name, "': wanted a list of integers, found shape ", shape);
        if (!running()) return std::vector<Size>(static_cast<std::size_t>(shape[0]));
        const Tensor numbers = (*tensors_)[argument.input].cast(DType::int64);
        for (const std::int64_t number : numbers.values<std::int64_t>()) result.emplace_back(number);
    } else {
        for (const std::int64_t number : integers(name)) result.emplace_back(number);
    }
    return result;
}

Shape Arguments::shape(const Operand& argument) const {
    if (argument.kind == Kind::tensor) return (*shapes_)[argument.input];
    if (argument.kind == Kind::constant) return constant_tensor(argument.constant, DType::float64).shape();
    fail(Code::unsupported, "wanted a tensor, found a list of tensors");
}

std::optional<DType> Arguments::own_dtype(const Operand& argument) const {
    if (argument.kind == Kind::tensor) {
        if (dtypes_ == nullptr) fail(Code::internal, "a shape rule asks for a dtype");
        return (*dtypes_)[argument.input];
    }
    if (argument.kind != Kind::constant) fail(Code::unsupported, "wanted a tensor, found a list of tensors");
    const Value* config = argument.constant.find("config");
    const Value* dtype = config == nullptr ? nullptr : config->find("dtype");
    return dtype == nullptr || dtype->string() == nullptr ? std::nullopt : parse_dtype(*dtype->string());
}

DType Arguments::dtype(std::string_view name) const {
    const auto dtype = own_dtype(operand(name));
    if (!dtype) fail(Code::unsupported, "argument '", name, "': wanted a tensor, found a plain constant");
    return *dtype;
}

Tensor Arguments::tensor(const Operand& argument, DType as) const {
    const DType carrier = carried(as);
    if (argument.kind == Kind::tensor) return (*tensors_)[argument.input].cast(carrier);
    if (argument.kind != Kind::constant) fail(Code::unsupported, "wanted a tensor, found a list of tensors");
    if (keras3() && argument.constant.array() != nullptr) return made_tensor(argument, as);
    return constant_tensor(argument.constant, as).cast(carrier);
}

Tensor Arguments::made_tensor(const Operand& argument, DType as) const {
    const bool numbers = keras3() && argument.kind == Kind::constant && !own_dtype(argument);
    if (!numbers) return tensor(argument, as);
    return constant_tensor(argument.constant, tensor_dtype_of(argument.constant)).cast(as).cast(carried(as));
}

std::vector<const Operand*> Arguments::list(std::string_view name) const {
    const Operand& argument = operand(name);
    std::vector<const Operand*> parts;
    if (argument.kind == Kind::tensor) parts.push_back(&argument);
    else if (argument.kind == Kind::list)
        for (const Operand& item : argument.items) parts.push_back(&item);
    if (parts.empty()) fail(Code::unsupported, "argument '", name, "': wanted tensors, found none");
    return parts;
}

}  // namespace layerctl::ops
