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

/// So many numbers of the input as values at the points, and sums of products as outputs, `step` vectors apart.
template <std::size_t Reach>
struct Scheme;

template <>
struct Scheme<winograd::small_reach> {
    static constexpr std::size_t tile = winograd::small_tile;

    static HWY_INLINE void input_line(const V* x, V* t, std::size_t step) {
        t[0] = hn::Sub(x[0], x[2]);
        t[step] = hn::Add(x[1], x[2]);
        t[2 * step] = hn::Sub(x[2], x[1]);
        t[3 * step] = hn::Sub(x[3], x[1]);
    }

    static HWY_INLINE void output_line(const V* m, V* y, std::size_t step) {
        y[0] = hn::Add(m[0], hn::Add(m[1], m[2]));
        y[step] = hn::Add(hn::Sub(m[1], m[2]), m[3]);
    }
};

template <>
struct Scheme<reach> {
    static constexpr std::size_t tile = winograd::tile;

    static HWY_INLINE void input_line(const V* x, V* t, std::size_t step) {
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

    static HWY_INLINE void output_line(const V* m, V* y, std::size_t step) {
        const V near_even = hn::Add(m[1], m[2]), near_odd = hn::Sub(m[1], m[2]);
        const V far_even = hn::Add(m[3], m[4]), far_odd = hn::Sub(m[3], m[4]);
        y[0] = hn::Add(m[0], hn::Add(near_even, far_even));
        y[step] = hn::MulAdd(constant(near), near_odd, hn::Mul(constant(far), far_odd));
        y[2 * step] = hn::MulAdd(constant(near * near), near_even, hn::Mul(constant(far * far), far_even));
        y[3 * step] =
            hn::MulAdd(constant(near * near * near), near_odd, hn::MulAdd(constant(far * far * far), far_odd, m[5]));
    }
};

template <std::size_t Reach>
void transform_input(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
        const std::size_t count = channels - c;
        V columns[Reach * Reach];
        for (std::size_t x = 0; x < Reach; ++x) {
            V line[Reach];
            for (std::size_t y = 0; y < Reach; ++y) line[y] = load_some(pixels[Reach * y + x] + c, count);
            Scheme<Reach>::input_line(line, columns + x, Reach);
        }
        for (std::size_t y = 0; y < Reach; ++y) {
            V line[Reach];
            Scheme<Reach>::input_line(columns + Reach * y, line, 1);
            for (std::size_t x = 0; x < Reach; ++x) store_some(line[x], to + (Reach * y + x) * stride + c, count);
        }
    }
}

void TransformInput(std::size_t of_reach, const float* const* pixels, std::size_t channels, float* to,
                    std::size_t stride) {
    if (of_reach == reach) transform_input<reach>(pixels, channels, to, stride);
    else transform_input<winograd::small_reach>(pixels, channels, to, stride);
}

/// Calls `transform` with what makes outputs of sums: most curves are limits alone, which need no choice of a function.
template <class Transform>
HWY_INLINE void with_curve(const Curve& curve, const Transform& transform) {
    const V low = hn::Set(d, curve.low), high = hn::Set(d, curve.high);
    if (curve.id == Activation::Id::linear) transform([=](V y) { return clamp(y, low, high); });
    else transform([&](V y) { return curve_at(curve, y); });
}

/// Numbers of the output from that place on.
template <class Finish>
HWY_INLINE void store_output(const winograd::Output& output, const Finish& finish, V y, std::size_t at,
                             std::size_t count) {
    if (output.added != nullptr) y = hn::Add(y, load_some(output.added + at, count));
    store_some(finish(y), output.y + at, count);
}

template <std::size_t Reach, class Finish>
void transform_output(const winograd::Output& output, const Finish& finish) {
    constexpr std::size_t tile = Scheme<Reach>::tile;
    for (std::size_t f = 0; f < output.filters; f += hn::Lanes(d)) {
        const std::size_t count = output.filters - f;
        V columns[tile * Reach];
        for (std::size_t x = 0; x < Reach; ++x) {
            V line[Reach];
            for (std::size_t y = 0; y < Reach; ++y)
                line[y] = load_some(output.sums + (Reach * y + x) * output.stride + f, count);
            Scheme<Reach>::output_line(line, columns + x, Reach);
        }
        const V bias = load_some(output.bias + f, count);
        for (std::size_t y = 0; y < output.height; ++y) {
            V line[tile];
            Scheme<Reach>::output_line(columns + Reach * y, line, 1);
            for (std::size_t x = 0; x < output.width; ++x)
                store_output(output, finish, hn::Add(line[x], bias), y * output.line + x * output.step + f, count);
        }
    }
}

void TransformOutput(std::size_t of_reach, const winograd::Output& output) {
    with_curve(output.curve, [&](const auto& finish) {
        if (of_reach == reach) transform_output<reach>(output, finish);
        else transform_output<winograd::small_reach>(output, finish);
    });
}

void TransformInputLine(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
        const std::size_t count = channels - c;
        V line[reach], values[reach];
        for (std::size_t x = 0; x < reach; ++x) line[x] = load_some(pixels[x] + c, count);
        Scheme<reach>::input_line(line, values, 1);
        for (std::size_t x = 0; x < reach; ++x) store_some(values[x], to + x * stride + c, count);
    }
}

template <class Finish>
void transform_output_line(const winograd::Output& output, const Finish& finish) {
    for (std::size_t f = 0; f < output.filters; f += hn::Lanes(d)) {
        const std::size_t count = output.filters - f;
        const V bias = load_some(output.bias + f, count);
        V sums[reach], line[winograd::tile];
        for (std::size_t x = 0; x < reach; ++x) sums[x] = load_some(output.sums + x * output.stride + f, count);
        Scheme<reach>::output_line(sums, line, 1);
        for (std::size_t x = 0; x < output.width; ++x)
            store_output(output, finish, hn::Add(line[x], bias), x * output.step + f, count);
    }
}

void TransformOutputLine(const winograd::Output& output) {
    with_curve(output.curve, [&](const auto& finish) { transform_output_line(output, finish); });
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void winograd::transform_input(std::size_t of_reach, const float* const* pixels, std::size_t channels, float* to,
                               std::size_t stride) {
    LAYERCTL_DISPATCH(TransformInput)(of_reach, pixels, channels, to, stride);
}
void winograd::transform_output(std::size_t of_reach, const Output& output) {
    LAYERCTL_DISPATCH(TransformOutput)(of_reach, output);
}

void winograd::transform_input_line(const float* const* pixels, std::size_t channels, float* to, std::size_t stride) {
    LAYERCTL_DISPATCH(TransformInputLine)(pixels, channels, to, stride);
}
void winograd::transform_output_line(const Output& output) { LAYERCTL_DISPATCH(TransformOutputLine)(output); }

}  // namespace layerctl::simd
#endif
