#include "engine/ops/transpose.hpp"

#include <algorithm>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

bool is_identity(const Permutation& permutation) { return std::is_sorted(permutation.begin(), permutation.end()); }

/// Strides of `x` in the order of the result's axes.
std::vector<std::int64_t> source_strides(const Shape& shape, const Permutation& permutation) {
    std::vector<std::int64_t> own(shape.rank()), out;
    std::int64_t stride = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0; stride *= shape[axis]) own[axis] = stride;
    for (const std::size_t axis : permutation) out.push_back(own[axis]);
    return out;
}

template <class Element>
void move_elements(const Element* from, Element* to, const Shape& shape, std::vector<std::int64_t> strides) {
    const RowLoop<2> loop(shape, {broadcast_strides(shape, shape), std::move(strides)});
    const std::int64_t n = loop.row_size(), step = loop.row_strides()[1];
    loop.run([&](const std::array<std::int64_t, 2>& at) {
        for (std::int64_t i = 0; i < n; ++i) to[at[0] + i] = from[at[1] + i * step];
    });
}

template <class Word>
void move_words(const Tensor& x, Tensor& y, std::vector<std::int64_t> strides) {
    move_elements(reinterpret_cast<const Word*>(x.data()), reinterpret_cast<Word*>(y.mutable_data()), y.shape(),
                  std::move(strides));
}

/// A tensor of `shape` that reads `x` with these strides.
Tensor strided_copy(const Tensor& x, const Shape& shape, std::vector<std::int64_t> strides) {
    Tensor y = Tensor::uninitialized(x.dtype(), shape);
    switch (dtype_size(x.dtype())) {
        case 1: move_words<std::uint8_t>(x, y, std::move(strides)); break;
        case 2: move_words<std::uint16_t>(x, y, std::move(strides)); break;
        case 4: move_words<std::uint32_t>(x, y, std::move(strides)); break;
        case 8: move_words<std::uint64_t>(x, y, std::move(strides)); break;
        default: move_elements(x.string_values().data(), y.mutable_string_values().data(), shape, std::move(strides));
    }
    return y;
}

}  // namespace

Tensor transpose(const Tensor& x, const Permutation& permutation) {
    if (permutation.size() != x.shape().rank()) fail(Code::internal, "transpose of ", x.shape(), " by another rank");
    if (is_identity(permutation)) return x;
    return strided_copy(x, transposed_shape(x.shape(), permutation), source_strides(x.shape(), permutation));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    return strided_copy(x, shape, broadcast_strides(x.shape(), shape));
}

Shape transposed_shape(const Shape& shape, const Permutation& permutation) {
    std::vector<std::int64_t> dims;
    for (const std::size_t axis : permutation) dims.push_back(shape[axis]);
    return Shape(std::move(dims));
}

Permutation inverse(const Permutation& permutation) {
    Permutation out(permutation.size());
    for (std::size_t i = 0; i < permutation.size(); ++i) out[permutation[i]] = i;
    return out;
}

Permutation to_back(const std::vector<std::size_t>& axes, std::size_t rank) {
    Permutation out(rank);
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::stable_partition(out.begin(), out.end(),
                          [&](std::size_t axis) { return std::find(axes.begin(), axes.end(), axis) == axes.end(); });
    return out;
}

}  // namespace layerctl::ops
