#include "engine/ops/move.hpp"

#include <algorithm>
#include <cstring>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

std::size_t element_size(const Tensor& x) {
    if (x.dtype() == DType::string) fail(Code::unsupported, "strings where numbers are wanted");
    return dtype_size(x.dtype());
}

// One axis of `place`: `count` elements from `from` on go to `to`.
struct Overlap {
    std::int64_t from, to, count;
};

std::vector<Overlap> overlaps(const Shape& x, const std::vector<std::int64_t>& offset, const Shape& y) {
    std::vector<Overlap> result;
    for (std::size_t axis = 0; axis < x.rank(); ++axis) {
        const std::int64_t to = std::max<std::int64_t>(offset[axis], 0);
        const std::int64_t from = to - offset[axis];
        result.push_back({from, to, std::max<std::int64_t>(std::min(x[axis] - from, y[axis] - to), 0)});
    }
    return result;
}

struct Placing {
    const Shape& x;
    const Shape& y;
    const std::vector<Overlap>& axes;
    std::size_t size;
};

void place_axis(const Placing& p, std::size_t axis, const std::byte* from, std::byte* to) {
    const Overlap& part = p.axes[axis];
    const auto bytes = [&](const Shape& shape) {
        return static_cast<std::size_t>(shape.elements(axis + 1, shape.rank())) * p.size;
    };
    const std::size_t x_step = bytes(p.x), y_step = bytes(p.y);
    from += static_cast<std::size_t>(part.from) * x_step;
    to += static_cast<std::size_t>(part.to) * y_step;
    if (axis + 1 == p.axes.size()) {
        if (part.count > 0) std::memcpy(to, from, static_cast<std::size_t>(part.count) * p.size);
        return;
    }
    for (std::int64_t i = 0; i < part.count; ++i, from += x_step, to += y_step) place_axis(p, axis + 1, from, to);
}

// (outer, n, inner bytes) -> (outer, n, times, inner bytes)
void repeat_axis(const std::byte* from, std::byte* to, std::size_t rows, std::int64_t times, std::size_t inner) {
    for (std::size_t row = 0; row < rows; ++row, from += inner)
        for (std::int64_t k = 0; k < times; ++k, to += inner) std::memcpy(to, from, inner);
}

}  // namespace

void place(const Tensor& x, const std::vector<std::int64_t>& offset, Tensor& y) {
    if (x.elements() == 0 || y.elements() == 0) return;
    const auto axes = overlaps(x.shape(), offset, y.shape());
    place_axis({x.shape(), y.shape(), axes, element_size(x)}, 0, x.data(), y.mutable_data());
}

void repeat(const Tensor& x, const std::vector<std::int64_t>& times, Tensor& y) {
    Tensor current = x;
    std::size_t inner = element_size(x);
    for (std::size_t axis = x.shape().rank(); axis-- > 0;) {
        const std::int64_t n = current.shape()[axis];
        if (times[axis] != 1) {
            Tensor next = Tensor::uninitialized(x.dtype(), current.shape().with(axis, n * times[axis]));
            if (next.elements() > 0)
                repeat_axis(current.data(), next.mutable_data(), current.byte_size() / inner, times[axis], inner);
            current = std::move(next);
        }
        inner *= static_cast<std::size_t>(current.shape()[axis]);
    }
    y = std::move(current);
}

}  // namespace layerctl::ops
