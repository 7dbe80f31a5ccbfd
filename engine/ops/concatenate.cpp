#include "engine/ops/concatenate.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

Shape joined_shape(const Tensors& parts, std::size_t axis) {
    Shape shape = parts.front().shape();
    shape[axis] = 0;
    for (const Tensor& part : parts) {
        if (part.dtype() != parts.front().dtype() || !(part.shape().with(axis, 0) == shape.with(axis, 0)))
            fail(Code::shape, "shapes ", parts.front().shape(), " and ", part.shape(), " cannot be joined along axis ",
                 axis);
        shape[axis] += part.shape()[axis];
    }
    return shape;
}

/// Copies `size` elements of every part in turn, `outer` times.
template <class Element, class Source>
void interleave(const Tensors& parts, std::size_t axis, Source source, Element* to) {
    const Shape& first = parts.front().shape();
    const std::int64_t outer = first.elements(0, axis);
    for (std::int64_t i = 0; i < outer; ++i)
        for (const Tensor& part : parts) {
            const std::int64_t size = part.shape().elements(axis, first.rank()) *
                                      std::max<std::int64_t>(1, static_cast<std::int64_t>(dtype_size(part.dtype())));
            to = std::copy_n(source(part) + i * size, size, to);
        }
}

}  // namespace

Tensor concatenate(const Tensors& parts, std::size_t axis) {
    Tensor y(parts.front().dtype(), joined_shape(parts, axis));
    if (y.dtype() == DType::string)
        interleave(
            parts, axis, [](const Tensor& part) { return part.string_values().data(); },
            y.mutable_string_values().data());
    else
        interleave(
            parts, axis, [](const Tensor& part) { return part.data(); }, y.mutable_data());
    return y;
}

}  // namespace layerctl::ops
