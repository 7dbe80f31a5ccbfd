#include "engine/ops/table/rules.hpp"

#include "engine/ops/spatial.hpp"
#include "models/error.hpp"

namespace layerctl::ops {

Shapes same_shape(const Arguments& arguments) { return {arguments.shape("x")}; }

DType same_dtype(const Arguments& arguments) { return arguments.dtype("x"); }

DType number_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (!is_floating(dtype) && !is_integer(dtype)) fail(Code::unsupported, "wanted numbers, found ", dtype);
    return dtype;
}

DType float_dtype(const Arguments& arguments) {
    const DType dtype = arguments.dtype("x");
    if (is_floating(dtype)) return dtype;
    if (!arguments.keras3() || dtype == DType::string) fail(Code::unsupported, "wanted a float dtype, found ", dtype);
    return DType::float32;
}

Op floats_only(Op op) {
    op.dtype = [](const Arguments& arguments) {
        const DType dtype = arguments.dtype("x");
        if (!is_floating(dtype)) fail(Code::unsupported, "wanted a float dtype, found ", dtype);
        return dtype;
    };
    return op;
}

DType boolean_dtype(const Arguments&) { return DType::boolean; }

std::int64_t joined(std::int64_t a, std::int64_t b) { return b == Shape::unknown ? b : plus(a, b); }

}  // namespace layerctl::ops
