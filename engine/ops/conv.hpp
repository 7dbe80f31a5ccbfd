// Convolutions over one to three spatial axes, on tensors (batch…, spatial…, channels) of float32 or float64.
#pragma once

#include "engine/ops/spatial.hpp"
#include "models/tensor.hpp"

namespace layerctl::ops {

/// What a convolution works on: `batch` images, their spatial geometry, channels in and out.
struct ConvShape {
    std::int64_t batch = 0;
    WindowAxes axes;
    std::int64_t channels = 0;
    std::int64_t filters = 0;
    std::int64_t groups = 1;
};

/// Output positions of all images times taps of the window: how often a kernel's channels are multiplied.
std::int64_t applications(const ConvShape& shape);

/// y[t, f] = Σ x[position(t, j), c] · kernel[j, c, f], over the channels of f's group; kernel (k…, channels / groups,
/// filters).
void conv(const ConvShape& shape, const Tensor& x, const Tensor& kernel, Tensor& y);

/// The gradient of `conv` with respect to its input: y[position(t, j), f] += Σ x[t, c] · kernel[j, f, c]. The axes are
/// those of the convolution from y to x; kernel (k…, filters, channels).
void conv_transpose(const ConvShape& shape, const Tensor& x, const Tensor& kernel, Tensor& y);

/// y[t, c·m + i] = Σ x[position(t, j), c] · kernel[j, c, i] for i in [0, m); kernel (k…, channels, m), filters =
/// channels·m.
void depthwise_conv(const ConvShape& shape, const Tensor& x, const Tensor& kernel, Tensor& y);

/// A convolution with a kernel of its own at every output position: kernel (positions, taps·channels, filters).
void local_conv(const ConvShape& shape, const Tensor& x, const Tensor& kernel, Tensor& y);

/// Geometry of `conv_transpose` for an input of known sizes. Sizes (layers.md 3.2): with `output_padding` as given,
/// empty for Keras' default. Unknown sizes stay unknown.
Shape conv_transpose_output(const Window& window, const std::vector<std::int64_t>& output_padding,
                            const Shape& spatial);
WindowAxes conv_transpose_axes(const Window& window, const std::vector<std::int64_t>& output_padding,
                               const Shape& spatial);

}  // namespace layerctl::ops
