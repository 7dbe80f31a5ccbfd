#include <algorithm>

#include "engine/ops/conv.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

// One output position: adds x[c] · kernel[c, i] of one tap to y[c, i].
template <class T>
void add_tap(const T* x, const T* kernel, T* y, std::int64_t channels, std::int64_t multiplier) {
    if (multiplier == 1) {
        for (std::int64_t c = 0; c < channels; ++c) y[c] += x[c] * kernel[c];
        return;
    }
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < multiplier; ++i) y[c * multiplier + i] += x[c] * kernel[c * multiplier + i];
}

template <class T>
void depthwise_image(const ConvShape& s, const T* x, const T* kernel, T* y) {
    const auto& [depth, height, width] = s.axes;
    const std::int64_t multiplier = s.filters / s.channels;
    for (std::int64_t td = 0; td < depth.out; ++td)
        for (std::int64_t th = 0; th < height.out; ++th)
            for (std::int64_t tw = 0; tw < width.out; ++tw, y += s.filters) {
                const auto kd = depth.taps(td), kh = height.taps(th), kw = width.taps(tw);
                for (std::int64_t d = kd.first; d < kd.last; ++d)
                    for (std::int64_t h = kh.first; h < kh.last; ++h)
                        for (std::int64_t w = kw.first; w < kw.last; ++w) {
                            const std::int64_t from =
                                (depth.position(td, d) * height.in + height.position(th, h)) * width.in +
                                width.position(tw, w);
                            const std::int64_t tap = (d * height.size + h) * width.size + w;
                            add_tap(x + from * s.channels, kernel + tap * s.filters, y, s.channels, multiplier);
                        }
            }
}

}  // namespace

void depthwise_conv(const ConvShape& s, const Tensor& x, const Tensor& kernel, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const auto out = y.mutable_values<T>();
        std::fill(out.begin(), out.end(), T{0});
        const std::int64_t in_size = input_positions(s.axes) * s.channels;
        const std::int64_t out_size = output_positions(s.axes) * s.filters;
        for (std::int64_t b = 0; b < s.batch; ++b)
            depthwise_image(s, x.values<T>().data() + b * in_size, kernel.values<T>().data(),
                            out.data() + b * out_size);
    });
}

}  // namespace layerctl::ops
