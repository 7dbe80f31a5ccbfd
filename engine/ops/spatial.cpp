#include "engine/ops/spatial.hpp"

#include <algorithm>

#include "engine/ops/transpose.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

// Zeros before the input; `same` puts the odd one behind it. Where strides leave elements out, TensorFlow's kernels for
// volumes begin with half of those, as if by negative padding; others begin with the first element.
std::int64_t padding_before(const Window& window, std::size_t i, std::int64_t in, std::int64_t out) {
    const std::int64_t extent = window.extent(i);
    if (window.padding == Padding::causal) return extent - 1;
    if (window.padding == Padding::valid) return 0;
    const std::int64_t missing = plus(extent, (out - 1) * window.strides[i] - in);
    return (window.rank() == 3 ? missing : std::max<std::int64_t>(missing, 0)) / 2;
}

}  // namespace

std::int64_t plus(std::int64_t size, std::int64_t amount) {
    if (size == Shape::unknown) return size;
    std::int64_t result = 0;
    if (__builtin_add_overflow(size, amount, &result))
        fail(Code::refused, "a size of ", size, " + ", amount, " does not fit 64 bits");
    return result;
}

std::int64_t times(std::int64_t size, std::int64_t factor) {
    if (size == Shape::unknown) return size;
    std::int64_t result = 0;
    if (__builtin_mul_overflow(size, factor, &result))
        fail(Code::refused, "a size of ", size, " * ", factor, " does not fit 64 bits");
    return result;
}

SpatialShape SpatialShape::split(const Shape& shape, std::size_t rank, DataFormat format) {
    if (shape.rank() < rank + 2) fail(Code::shape, "input must have rank ", rank + 2, ", found shape ", shape);
    const std::size_t batch = shape.rank() - rank - 1;
    const bool last = format == DataFormat::channels_last;
    return {shape.slice(0, batch), shape.slice(batch + (last ? 0 : 1), batch + (last ? 0 : 1) + rank),
            last ? shape.back() : shape[batch]};
}

Shape SpatialShape::joined(DataFormat format) const {
    std::vector<std::int64_t> dims = batch.dims();
    if (format == DataFormat::channels_first) dims.push_back(channels);
    dims.insert(dims.end(), spatial.begin(), spatial.end());
    if (format == DataFormat::channels_last) dims.push_back(channels);
    return Shape(std::move(dims));
}

Tensor to_channels_last(const Tensor& x, std::size_t rank) {
    return transpose(x, to_back({x.shape().rank() - rank - 1}, x.shape().rank()));
}

Tensor to_channels_first(const Tensor& x, std::size_t rank) {
    return transpose(x, inverse(to_back({x.shape().rank() - rank - 1}, x.shape().rank())));
}

std::int64_t input_positions(const WindowAxes& axes) { return axes[0].in * axes[1].in * axes[2].in; }
std::int64_t output_positions(const WindowAxes& axes) { return axes[0].out * axes[1].out * axes[2].out; }
std::int64_t window_taps(const WindowAxes& axes) { return axes[0].size * axes[1].size * axes[2].size; }

std::int64_t Window::extent(std::size_t axis) const { return plus(times(size[axis] - 1, dilation[axis]), 1); }

Shape Window::output(const Shape& spatial) const {
    Shape out = spatial;
    for (std::size_t i = 0; i < rank(); ++i) {
        const std::int64_t covered = padding == Padding::valid ? extent(i) : 1;
        if (spatial[i] == Shape::unknown) continue;
        if (spatial[i] < covered)
            fail(Code::shape, "spatial axis ", i, ": wanted at least ", covered, " elements, found spatial sizes ",
                 spatial);
        out[i] = (spatial[i] - covered) / strides[i] + 1;
    }
    return out;
}

WindowAxes Window::axes(const Shape& spatial) const {
    const Shape out = output(spatial);
    WindowAxes axes;
    for (std::size_t i = 0; i < rank(); ++i) {
        const std::int64_t before = padding_before(*this, i, spatial[i], out[i]);
        axes[3 - rank() + i] = {spatial[i], out[i], size[i], strides[i], dilation[i], before};
    }
    return axes;
}

}  // namespace layerctl::ops
