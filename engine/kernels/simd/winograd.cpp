// The transforms of input and output, a vector of channels at a time.
#include "engine/kernels/simd/winograd.hpp"
#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/winograd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

using winograd::far;
using winograd::near;
using winograd::reach;

/// 6 numbers of the input, `step` vectors apart, as values at the points.
HWY_INLINE void input_line(const V* x, V* t, std::size_t step) {
    const V product = constant(near * near * far * far), sum = constant(near * near + far * far);
    const V near_even = hn::NegMulAdd(constant(far * far), x[2], x[4]);
    const V far_even = hn::NegMulAdd(constant(near * near), x[2], x[4]);
    const V near_odd = hn::Mul(constant(near), hn::NegMulAdd(constant(far * far), x[1], x[3]));
    const V far_odd = hn::Mul(constant(far), hn::NegMulAdd(constant(near * near), x[1], x[3]));
    t[0] = hn::MulAdd(product, x[0], hn::NegMulAdd(sum, x[2], x[4]));
    t[step] = hn::Add(near_even, near_odd);
    t[2 * step] = hn::Sub(near_even, near_odd);
    t[3 * step] = hn::Add(far_even, far_odd);
    t[4 * step] = hn::Sub(far_even, far_odd);
    t[5 * step] = hn::MulAdd(product, x[1], hn::NegMulAdd(sum, x[3], x[5]));
}

/// 6 sums of products as 4 outputs, `step` vectors apart.
HWY_INLINE void output_line(const V* m, V* y, std::size_t step) {
    const V near_even = hn::Add(m[1], m[2]), near_odd = hn::Sub(m[1], m[2]);
    const V far_even = hn::Add(m[3], m[4]), far_odd = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(m[0], hn::Add(near_even, far_even));
    y[step] = hn::MulAdd(constant(near), near_odd, hn::Mul(constant(far), far_odd));
    y[2 * step] = hn::MulAdd(constant(near * near), near_even, hn::Mul(constant(far * far), far_even));
    y[3 * step] =
        hn::MulAdd(constant(near * near * near), near_odd, hn::MulAdd(constant(far * far * far), far_odd, m[5]));
}

void TransformInput(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
        const std::size_t count = channels - c;
        V columns[reach * reach];
        for (std::size_t x = 0; x < reach; ++x) {
            V line[reach];
            for (std::size_t y = 0; y < reach; ++y) line[y] = load_some(pixels[reach * y + x] + c, count);
            input_line(line, columns + x, reach);
        }
        for (std::size_t y = 0; y < reach; ++y) {
            V line[reach];
            input_line(columns + reach * y, line, 1);
            for (std::size_t x = 0; x < reach; ++x) store_some(line[x], to + (reach * y + x) * stride + c, count);
        }
    }
}

void TransformOutput(const winograd::Output& output) {
    for (std::size_t f = 0; f < output.filters; f += hn::Lanes(d)) {
        const std::size_t count = output.filters - f;
        V columns[winograd::tile * reach];
        for (std::size_t x = 0; x < reach; ++x) {
            V line[reach];
            for (std::size_t y = 0; y < reach; ++y)
                line[y] = load_some(output.sums + (reach * y + x) * output.stride + f, count);
            output_line(line, columns + x, reach);
        }
        const V bias = load_some(output.bias + f, count);
        for (std::size_t y = 0; y < output.height; ++y) {
            V line[winograd::tile];
            output_line(columns + reach * y, line, 1);
            for (std::size_t x = 0; x < output.width; ++x)
                store_some(curve_at(output.curve, hn::Add(line[x], bias)),
                           output.y + y * output.line + x * output.step + f, count);
        }
    }
}

void TransformInputLine(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
        const std::size_t count = channels - c;
        V line[reach], values[reach];
        for (std::size_t x = 0; x < reach; ++x) line[x] = load_some(pixels[x] + c, count);
        input_line(line, values, 1);
        for (std::size_t x = 0; x < reach; ++x) store_some(values[x], to + x * stride + c, count);
    }
}

void TransformOutputLine(const winograd::Output& output) {
    for (std::size_t f = 0; f < output.filters; f += hn::Lanes(d)) {
        const std::size_t count = output.filters - f;
        const V bias = load_some(output.bias + f, count);
        V sums[reach], line[winograd::tile];
        for (std::size_t x = 0; x < reach; ++x) sums[x] = load_some(output.sums + x * output.stride + f, count);
        output_line(sums, line, 1);
        for (std::size_t x = 0; x < output.width; ++x)
            store_some(curve_at(output.curve, hn::Add(line[x], bias)), output.y + x * output.step + f, count);
    }
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void winograd::transform_input(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    LAYERCTL_DISPATCH(TransformInput)(pixels, channels, to, stride);
}
void winograd::transform_output(const Output& output) { LAYERCTL_DISPATCH(TransformOutput)(output); }

void winograd::transform_input_line(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    LAYERCTL_DISPATCH(TransformInputLine)(pixels, channels, to, stride);
}
void winograd::transform_output_line(const Output& output) { LAYERCTL_DISPATCH(TransformOutputLine)(output); }

}  // namespace layerctl::simd
#endif
