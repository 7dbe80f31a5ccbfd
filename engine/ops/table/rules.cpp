#include "engine/ops/table/rules.hpp"

#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/spatial.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

std::vector<const Operand*> pair(const Arguments& a) { return {&a.operand(0), &a.operand(1)}; }

DType in_floats(const Arguments& a, DType dtype) { return a.keras3() ? promoted_to_float(dtype) : dtype; }

}  // namespace

Shapes same_shape(const Arguments& arguments) { return {arguments.shape("x")}; }

DType same_dtype(const Arguments& arguments) { return arguments.dtype("x"); }

DType number_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (!is_floating(dtype) && !is_integer(dtype)) fail(Code::unsupported, "wanted numbers, found ", dtype);
    return dtype;
}

DType counting_dtype(const Arguments& arguments) {
    if (arguments.keras3() && arguments.dtype("x") == DType::boolean) return DType::int32;
    return number_dtype(arguments);
}

DType float_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (is_floating(dtype)) return dtype;
    if (!arguments.keras3() || dtype == DType::string) fail(Code::unsupported, "wanted a float dtype, found ", dtype);
    return DType::float32;
}

DType wide_float_dtype(const Arguments& arguments) {
    return arguments.keras3() && arguments.dtype("x") == DType::int64 ? DType::float64 : float_dtype(arguments);
}

DType only_float_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (!is_floating(dtype)) fail(Code::unsupported, "wanted a float dtype, found ", dtype);
    return dtype;
}

DType only_integer_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (!is_integer(dtype)) fail(Code::unsupported, "wanted integers, found ", dtype);
    return dtype;
}

Op floats_only(Op op) {
    op.dtype = only_float_dtype;
    return op;
}

DType boolean_dtype(const Arguments&) { return DType::boolean; }

Shapes pair_shape(const Arguments& a) { return {broadcast_shape(a.shape(a.operand(0)), a.shape(a.operand(1)))}; }

DType pair_dtype(const Arguments& a) { return common_dtype(a, pair(a)); }

DType tensors_pair_dtype(const Arguments& a) { return tensors_dtype(a, pair(a)); }

DType float_pair_dtype(const Arguments& a) { return in_floats(a, pair_dtype(a)); }

DType tensors_float_pair_dtype(const Arguments& a) { return in_floats(a, tensors_pair_dtype(a)); }

std::vector<std::size_t> axes_or_all(const Arguments& a, std::string_view name) {
    const std::size_t rank = a.shape("x").rank();
    if (a.given(name)) return AxisList{a.integers(name), true}.resolve(rank);
    std::vector<std::size_t> all(rank);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::size_t axis_of(const Arguments& a, std::size_t rank) { return resolve_axis(a.integer("axis"), rank); }

std::int64_t joined(std::int64_t a, std::int64_t b) { return b == Shape::unknown ? b : plus(a, b); }

}  // namespace layerctl::ops
