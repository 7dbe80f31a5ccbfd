// Windows over pixels: vectors of channels stay in registers while the pixels of a window go by.
#include "engine/kernels/simd/windows.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/windows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

/// Calls `at(channel)` for steps of `Vectors` vectors of channels, then of one. What is left is computed with some
/// channels before it once more, if there are enough of them.
template <std::size_t Vectors, class Many, class One, class Few>
HWY_INLINE void for_channels(std::size_t channels, const Many& many, const One& one, const Few& few) {
    const std::size_t lanes = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + Vectors * lanes <= channels; c += Vectors * lanes) many(c);
    for (; c + lanes <= channels; c += lanes) one(c);
    if (c == channels) return;
    if (channels >= lanes) one(channels - lanes);
    else few();
}

/// Sums within the limits.
template <std::size_t Outputs, std::size_t Vectors>
HWY_INLINE void store(const DepthwiseCall& call, const V (&sums)[Outputs][Vectors], float* y) {
    const V low = hn::Set(d, call.low), high = hn::Set(d, call.high);
    for (std::size_t m = 0; m < Outputs; ++m, y += call.pixel_step)
        for (std::size_t v = 0; v < Vectors; ++v)
            hn::StoreU(clamp(sums[m][v], low, high), d, y + v * hn::Lanes(d));
}

/// action(0), …, action(N − 1), with numbers that are known when this is compiled: what they index stays in registers.
template <std::size_t N, class Action>
HWY_INLINE void for_constants(const Action& action) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (action(std::integral_constant<std::size_t, I>()), ...); }
    (std::make_index_sequence<N>());
}

/// `Outputs` windows of `Columns` columns, each a pixel further than the one before: a pixel is read once for all of
/// them. One vector of channels.
template <std::size_t Outputs, std::size_t Columns>
HWY_INLINE void slide_windows(const DepthwiseCall& call, const float* x, std::size_t channel, float* y) {
    V sums[Outputs][1];
    for (std::size_t m = 0; m < Outputs; ++m) sums[m][0] = hn::LoadU(d, call.bias + channel);
    for (std::size_t p = 0; p < call.window.planes; ++p)
        for (std::size_t r = 0; r < call.window.rows; ++r) {
            const auto plane = static_cast<std::ptrdiff_t>(p), row = static_cast<std::ptrdiff_t>(r);
            const float* from = x + plane * call.window.plane_step + row * call.window.row_step + channel;
            const float* kernel = call.kernel + plane * call.kernel_plane_step + row * call.kernel_row_step + channel;
            V factors[Columns];
            for (V& factor : factors) {
                factor = hn::LoadU(d, kernel);
                kernel += call.pixel_step;
            }
            for_constants<Outputs + Columns - 1>([&](auto i) {
                const V pixel = hn::LoadU(d, from);
                from += call.next;
                for_constants<Columns>([&](auto k) {
                    if constexpr (k() <= i() && i() - k() < Outputs)
                        sums[i() - k()][0] = hn::MulAdd(pixel, factors[k()], sums[i() - k()][0]);
                });
            });
        }
    store(call, sums, y + channel);
}

/// `Outputs` windows side by side, for `Vectors` vectors of channels.
template <std::size_t Outputs, std::size_t Vectors>
HWY_INLINE void sum_windows(const DepthwiseCall& call, const float* x, std::size_t channel, float* y) {
    const std::size_t lanes = hn::Lanes(d);
    V sums[Outputs][Vectors];
    for (std::size_t v = 0; v < Vectors; ++v) {
        const V bias = hn::LoadU(d, call.bias + channel + v * lanes);
        for (std::size_t m = 0; m < Outputs; ++m) sums[m][v] = bias;
    }
    for (std::size_t p = 0; p < call.window.planes; ++p)
        for (std::size_t r = 0; r < call.window.rows; ++r) {
            const auto plane = static_cast<std::ptrdiff_t>(p), row = static_cast<std::ptrdiff_t>(r);
            const float* from = x + plane * call.window.plane_step + row * call.window.row_step + channel;
            const float* kernel = call.kernel + plane * call.kernel_plane_step + row * call.kernel_row_step + channel;
            for (std::size_t k = 0; k < call.window.columns; ++k) {
                for (std::size_t v = 0; v < Vectors; ++v) {
                    const V factor = hn::LoadU(d, kernel + v * lanes);
                    for (std::size_t m = 0; m < Outputs; ++m) {
                        const float* at = from + static_cast<std::ptrdiff_t>(m) * call.next + v * lanes;
                        sums[m][v] = hn::MulAdd(hn::LoadU(d, at), factor, sums[m][v]);
                    }
                }
                from += call.window.column_step;
                kernel += call.pixel_step;
            }
        }
    store(call, sums, y + channel);
}

/// Fewer channels than a vector has lanes.
HWY_NOINLINE void sum_few_channels(const DepthwiseCall& call, const float* x, float* y) {
    for (std::size_t c = 0; c < call.channels; ++c) {
        float sum = call.bias[c];
        for (std::size_t p = 0; p < call.window.planes; ++p)
            for (std::size_t r = 0; r < call.window.rows; ++r) {
                const auto plane = static_cast<std::ptrdiff_t>(p), row = static_cast<std::ptrdiff_t>(r);
                const float* from = x + plane * call.window.plane_step + row * call.window.row_step + c;
                const float* kernel = call.kernel + plane * call.kernel_plane_step + row * call.kernel_row_step + c;
                for (std::size_t k = 0; k < call.window.columns; ++k, kernel += call.pixel_step)
                    sum += from[static_cast<std::ptrdiff_t>(k) * call.window.column_step] * *kernel;
            }
        y[c] = std::isnan(sum) ? sum : std::clamp(sum, call.low, call.high);
    }
}

template <std::size_t Outputs, std::size_t Columns>
HWY_NOINLINE void slide_all_channels(const DepthwiseCall& call, const float* x, float* y) {
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t c = 0; c < call.channels; c += lanes)
        slide_windows<Outputs, Columns>(call, x, std::min(c, call.channels - lanes), y);
}

template <std::size_t Outputs>
HWY_NOINLINE void sum_all_channels(const DepthwiseCall& call, const float* x, float* y) {
    constexpr std::size_t vectors = Outputs == 1 ? 4 : 8 / Outputs;
    const bool slides = Outputs == 8 && call.next == call.window.column_step && call.channels >= hn::Lanes(d);
    if (slides && call.window.columns == 3) return slide_all_channels<Outputs, 3>(call, x, y);
    if (slides && call.window.columns == 5) return slide_all_channels<Outputs, 5>(call, x, y);
    for_channels<vectors>(
        call.channels, [&](std::size_t c) { sum_windows<Outputs, vectors>(call, x, c, y); },
        [&](std::size_t c) { sum_windows<Outputs, 1>(call, x, c, y); },
        [&] {
            for (std::size_t m = 0; m < Outputs; ++m, x += call.next, y += call.pixel_step) sum_few_channels(call, x, y);
        });
}

/// Blocks of `Outputs` outputs while there are as many.
template <std::size_t Outputs>
HWY_INLINE std::size_t sum_blocks(const DepthwiseCall& call, std::size_t t) {
    for (; t + Outputs <= call.outputs; t += Outputs)
        sum_all_channels<Outputs>(call, call.window.x + static_cast<std::ptrdiff_t>(t) * call.next,
                                  call.y + static_cast<std::ptrdiff_t>(t) * call.pixel_step);
    return t;
}

void Depthwise(const DepthwiseCall& call) {
    sum_blocks<1>(call, sum_blocks<2>(call, sum_blocks<4>(call, sum_blocks<8>(call, 0))));
}

struct Largest {
    static float start() { return std::numeric_limits<float>::lowest(); }
    static V next(V x, V y) { return hn::IfThenElse(hn::Gt(x, y), x, y); }
};
struct LargestOrNan {
    static float start() { return -std::numeric_limits<float>::infinity(); }
    static V next(V x, V y) { return hn::IfThenElse(hn::Or(hn::Le(x, y), hn::IsNaN(y)), y, x); }
};
struct Sum {
    static float start() { return 0; }
    static V next(V x, V y) { return hn::Add(x, y); }
};

/// Stretches of pixels are reduced by themselves: a sum of sums is more exact than one sum.
template <class Step, std::size_t Vectors, class Load>
HWY_INLINE void reduce_channels(const Box& window, const Load& load, V (&all)[Vectors]) {
    constexpr std::size_t stretch = 64;
    const std::size_t lanes = hn::Lanes(d);
    V some[Vectors];
    std::size_t left = stretch;
    for (std::size_t v = 0; v < Vectors; ++v) all[v] = some[v] = hn::Set(d, Step::start());
    for (std::size_t p = 0; p < window.planes; ++p)
        for (std::size_t r = 0; r < window.rows; ++r) {
            const float* from = window.x + static_cast<std::ptrdiff_t>(p) * window.plane_step +
                                static_cast<std::ptrdiff_t>(r) * window.row_step;
            for (std::size_t k = 0; k < window.columns;) {
                const std::size_t count = std::min(left, window.columns - k);
                for (std::size_t i = 0; i < count; ++i, from += window.column_step)
                    for (std::size_t v = 0; v < Vectors; ++v) some[v] = Step::next(load(from + v * lanes), some[v]);
                k += count;
                left -= count;
                if (left > 0) continue;
                for (std::size_t v = 0; v < Vectors; ++v) {
                    all[v] = Step::next(some[v], all[v]);
                    some[v] = hn::Set(d, Step::start());
                }
                left = stretch;
            }
        }
    for (std::size_t v = 0; v < Vectors; ++v) all[v] = Step::next(some[v], all[v]);
}

template <class Step>
void reduce_window(const Box& window, std::size_t channels, const V divisor, float* y) {
    const std::size_t lanes = hn::Lanes(d);
    const auto some = [&]<std::size_t Vectors>(std::size_t c, std::integral_constant<std::size_t, Vectors>) {
        Box part = window;
        part.x += c;
        V all[Vectors];
        reduce_channels<Step>(part, [](const float* x) { return hn::LoadU(d, x); }, all);
        for (std::size_t v = 0; v < Vectors; ++v) hn::StoreU(hn::Div(all[v], divisor), d, y + c + v * lanes);
    };
    for_channels<4>(
        channels, [&](std::size_t c) { some(c, std::integral_constant<std::size_t, 4>()); },
        [&](std::size_t c) { some(c, std::integral_constant<std::size_t, 1>()); },
        [&] {
            V all[1];
            reduce_channels<Step>(window, [&](const float* x) { return load_some(x, channels); }, all);
            store_some(hn::Div(all[0], divisor), y, channels);
        });
}

void Reduce(Reduction reduction, const Box& window, std::size_t channels, float* y) {
    const auto pixels = static_cast<float>(window.planes * window.rows * window.columns);
    if (reduction == Reduction::mean) reduce_window<Sum>(window, channels, hn::Set(d, pixels), y);
    else if (reduction == Reduction::maximum) reduce_window<Largest>(window, channels, constant(1), y);
    else reduce_window<LargestOrNan>(window, channels, constant(1), y);
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void depthwise(const DepthwiseCall& call) { LAYERCTL_DISPATCH(Depthwise)(call); }
void reduce(Reduction reduction, const Box& window, std::size_t channels, float* y) {
    LAYERCTL_DISPATCH(Reduce)(reduction, window, channels, y);
}

}  // namespace layerctl::simd
#endif
