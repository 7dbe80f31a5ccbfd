#include <algorithm>

#include "engine/ops/conv.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

// Elements the window touches when it stands at each of `in` positions: (in − 1)·stride + extent.
std::int64_t full_size(const Window& window, std::size_t i, std::int64_t in) {
    return plus(times(plus(in, -1), window.strides[i]), window.extent(i));
}

std::int64_t output_size(const Window& window, const std::vector<std::int64_t>& output_padding, std::size_t i,
                         std::int64_t in) {
    const std::int64_t extent = window.extent(i), stride = window.strides[i];
    const bool same = window.padding == Padding::same;
    if (output_padding.empty())
        return same ? times(in, stride) : plus(times(in, stride), std::max<std::int64_t>(extent - stride, 0));
    return plus(full_size(window, i, in), output_padding[i] - (same ? extent / 2 * 2 : 0));
}

}  // namespace

Shape conv_transpose_output(const Window& window, const std::vector<std::int64_t>& output_padding,
                            const Shape& spatial) {
    Shape out = spatial;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        if (spatial[i] == Shape::unknown) continue;
        out[i] = output_size(window, output_padding, i, spatial[i]);
        if (spatial[i] < 1 || out[i] < 1) fail(Code::shape, "spatial sizes ", spatial, " give an empty output");
    }
    if (!output_padding.empty() && !window.output(out).is_compatible_with(spatial))
        fail(Code::shape, "output_padding leads to spatial sizes ", out, ", which a convolution does not take back to ",
             spatial);
    return out;
}

WindowAxes conv_transpose_axes(const Window& window, const std::vector<std::int64_t>& output_padding,
                               const Shape& spatial) {
    const Shape out = conv_transpose_output(window, output_padding, spatial);
    WindowAxes axes;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const std::int64_t surplus = full_size(window, i, spatial[i]) - out[i];
        const std::int64_t before = window.padding == Padding::same ? std::max<std::int64_t>(surplus, 0) / 2 : 0;
        axes[3 - window.rank() + i] = {out[i], spatial[i], window.size[i], window.strides[i], window.dilation[i],
                                       before};
    }
    return axes;
}

}  // namespace layerctl::ops
