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

/// The part's piece of one row of the result, `scale` units per element.
std::vector<std::int64_t> piece_sizes(const Tensors& parts, std::size_t axis, std::size_t scale) {
    std::vector<std::int64_t> sizes;
    for (const Tensor& part : parts)
        sizes.push_back(part.shape().elements(axis, part.shape().rank()) * static_cast<std::int64_t>(scale));
    return sizes;
}

/// Copies a piece of every part in turn, `outer` times.
template <class Unit, class Source>
void interleave(const Tensors& parts, std::int64_t outer, const std::vector<std::int64_t>& sizes, Source source,
                Unit* to) {
    for (std::int64_t i = 0; i < outer; ++i)
        for (std::size_t k = 0; k < parts.size(); ++k) to = std::copy_n(source(parts[k]) + i * sizes[k], sizes[k], to);
}

}  // namespace

Tensor concatenate(const Tensors& parts, std::size_t axis) {
    Tensor y = Tensor::uninitialized(parts.front().dtype(), joined_shape(parts, axis));
    const std::int64_t outer = y.shape().elements(0, axis);
    if (y.dtype() == DType::string)
        interleave(
            parts, outer, piece_sizes(parts, axis, 1), [](const Tensor& part) { return part.string_values().data(); },
            y.mutable_string_values().data());
    else
        interleave(
            parts, outer, piece_sizes(parts, axis, dtype_size(y.dtype())),
            [](const Tensor& part) { return part.data(); }, y.mutable_data());
    return y;
}

}  // namespace layerctl::ops
