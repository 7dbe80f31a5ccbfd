// The dtype in which tensors and constants meet.
#include <algorithm>
#include <array>

#include "engine/ops/table/arguments.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

/// The kinds of numbers in Keras 3's promotion lattice. Python's int and float give way to every dtype of their kind.
enum Kind : std::size_t { b1, python_int, u1, u2, u4, u8, i1, i2, i4, i8, python_float, bf, f2, f4, f8, kinds };

using KindSet = std::uint32_t;

constexpr KindSet set_of(std::initializer_list<Kind> members) {
    KindSet set = 0;
    for (const Kind kind : members) set |= KindSet{1} << kind;
    return set;
}

/// The kinds right above each kind.
constexpr std::array<KindSet, kinds> covers = {
    set_of({python_int}),   set_of({u1, i1}), set_of({i2, u2}), set_of({i4, u4}),
    set_of({i8, u8}),       set_of({python_float}), set_of({i2}),     set_of({i4}),
    set_of({i8}),           set_of({python_float}), set_of({bf, f2}), set_of({f4}),
    set_of({f4}),           set_of({f8}),           0};

constexpr KindSet and_above(Kind kind) {
    KindSet set = set_of({kind});
    for (std::size_t k = 0; k < kinds; ++k)
        if ((covers[kind] >> k & 1) != 0) set |= and_above(static_cast<Kind>(k));
    return set;
}

/// The least kind above both.
Kind join(Kind a, Kind b) {
    const KindSet common = and_above(a) & and_above(b);
    for (std::size_t k = 0; k < kinds; ++k)
        if ((common >> k & 1) != 0 && (common & ~and_above(static_cast<Kind>(k))) == 0) return static_cast<Kind>(k);
    fail(Code::internal, "two dtypes without a common one");
}

Kind kind_of(DType dtype) {
    switch (dtype) {
        case DType::boolean: return b1;
        case DType::uint8: return u1;
        case DType::uint16: return u2;
        case DType::uint32: return u4;
        case DType::uint64: return u8;
        case DType::int8: return i1;
        case DType::int16: return i2;
        case DType::int32: return i4;
        case DType::int64: return i8;
        case DType::bfloat16: return bf;
        case DType::float16: return f2;
        case DType::float32: return f4;
        case DType::float64: return f8;
        case DType::string: break;
    }
    fail(Code::unsupported, "strings where numbers are wanted");
}

/// Keras keeps no uint64.
DType dtype_of_kind(Kind kind) {
    constexpr std::array<DType, kinds> dtypes = {
        DType::boolean, DType::int32, DType::uint8, DType::uint16,  DType::uint32,   DType::uint32,  DType::int8,   DType::int16,
        DType::int32,   DType::int64, DType::float32, DType::bfloat16, DType::float16, DType::float32, DType::float64};
    return dtypes[kind];
}

/// The kind of a Python number; of a list, which Keras makes a tensor of, that of all its numbers.
Kind python_kind(const Value& value) {
    if (value.boolean() != nullptr) return b1;
    if (value.integer() != nullptr) return python_int;
    if (value.number() != nullptr) return python_float;
    Kind kind = b1;
    if (const Value::Array* items = value.array())
        for (const Value& item : *items) kind = std::max(kind, python_kind(item));
    return kind;
}

Kind kind_of(const Arguments& arguments, const Operand& operand, bool weak) {
    if (const auto own = arguments.own_dtype(operand)) return kind_of(*own);
    const Kind kind = python_kind(operand.constant);
    return weak && operand.constant.array() == nullptr ? kind : kind_of(dtype_of_kind(kind));
}

/// TensorFlow: one dtype, which numbers follow if they are of its kind.
DType tensorflow_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands) {
    std::optional<DType> dtype;
    Kind numbers = b1;
    for (const Operand* operand : operands) {
        const auto own = arguments.own_dtype(*operand);
        if (!own) numbers = std::max(numbers, python_kind(operand->constant));
        else if (dtype && *dtype != *own)
            fail(Code::unsupported, "wanted operands of one dtype, found ", *dtype, " and ", *own);
        else dtype = own;
    }
    if (!dtype) fail(Code::unsupported, "an operation on constants alone");
    const Kind kind = kind_of(*dtype);
    const bool fits = kind > python_float || (kind > python_int && numbers != python_float) || numbers == b1;
    if (!fits) fail(Code::unsupported, "wanted a constant of dtype ", *dtype, ", found another kind of number");
    return *dtype;
}

DType joined_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands, bool weak) {
    if (!arguments.keras3()) return tensorflow_dtype(arguments, operands);
    std::optional<Kind> kind;
    for (const Operand* operand : operands) {
        const Kind next = kind_of(arguments, *operand, weak);
        kind = kind ? join(*kind, next) : next;
    }
    return dtype_of_kind(kind.value_or(f4));
}

std::vector<const Operand*> operands_named(const Arguments& arguments, std::initializer_list<std::string_view> names) {
    std::vector<const Operand*> operands;
    for (const std::string_view name : names) operands.push_back(&arguments.operand(name));
    return operands;
}

}  // namespace

DType tensor_dtype_of(const Value& value) { return dtype_of_kind(python_kind(value)); }

DType promoted(DType a, DType b) { return dtype_of_kind(join(kind_of(a), kind_of(b))); }

DType promoted_to_float(DType dtype) { return dtype_of_kind(join(kind_of(dtype), python_float)); }

DType common_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands) {
    return joined_dtype(arguments, operands, true);
}

DType common_dtype(const Arguments& arguments, std::initializer_list<std::string_view> names) {
    return common_dtype(arguments, operands_named(arguments, names));
}

DType tensors_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands) {
    return joined_dtype(arguments, operands, false);
}

DType tensors_dtype(const Arguments& arguments, std::initializer_list<std::string_view> names) {
    return tensors_dtype(arguments, operands_named(arguments, names));
}

}  // namespace layerctl::ops
