#include "engine/ops/broadcast.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

std::int64_t common_dim(std::int64_t a, std::int64_t b) {
    if (a == 1) return b;
    if (b == 1 || a == b) return a;
    if (a == Shape::unknown || b == Shape::unknown) return Shape::unknown;
    return -2;
}

}  // namespace

Shape broadcast_shape(const Shape& a, const Shape& b) {
    const Shape& longer = a.rank() >= b.rank() ? a : b;
    const Shape& shorter = a.rank() >= b.rank() ? b : a;
    const std::size_t lead = longer.rank() - shorter.rank();
    Shape out = longer;
    for (std::size_t axis = lead; axis < out.rank(); ++axis) {
        out[axis] = common_dim(longer[axis], shorter[axis - lead]);
        if (out[axis] == -2) fail(Code::shape, "inputs of shapes ", a, " and ", b, " cannot be broadcast together");
    }
    return out;
}

std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
    std::vector<std::int64_t> strides(to.rank(), 0);
    if (from.rank() > to.rank()) fail(Code::internal, "shape ", from, " broadcast to ", to);
    std::int64_t stride = 1;
    for (std::size_t i = 1; i <= from.rank(); ++i) {
        const std::int64_t dim = from[from.rank() - i];
        if (dim != 1 && dim != to[to.rank() - i]) fail(Code::internal, "shape ", from, " broadcast to ", to);
        if (dim != 1) strides[to.rank() - i] = stride;
        stride *= dim;
    }
    return strides;
}

}  // namespace layerctl::ops
