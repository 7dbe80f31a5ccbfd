// What is computed number by number, and softmax.
#include <algorithm>

#include "engine/kernels/simd/targets.hpp"
#include "engine/kernels/simd/simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

void Apply(const Curve& curve, const float* x, float* y, std::size_t n) {
    const V low = hn::Set(d, curve.low), high = hn::Set(d, curve.high);
    with_function(curve, [&](const auto& function) {
        for (std::size_t i = 0; i < n; i += hn::Lanes(d))
            store_some(clamp(function(load_some(x + i, n - i)), low, high), y + i, n - i);
    });
}

void Scale(const Curve& curve, const float* x, std::span<const float> factor, std::span<const float> offset,
           std::size_t rows, float* y) {
    const std::size_t n = factor.size();
    for (std::size_t row = 0; row < rows; ++row, x += n, y += n)
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            const V scaled = hn::MulAdd(load_some(x + i, n - i), load_some(factor.data() + i, n - i),
                                        load_some(offset.data() + i, n - i));
            store_some(curve_at(curve, scaled), y + i, n - i);
        }
}

void Slope(const float* x, std::span<const float> alpha, std::size_t rows, float* y) {
    const std::size_t n = alpha.size();
    for (std::size_t row = 0; row < rows; ++row, x += n, y += n)
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            const V value = load_some(x + i, n - i);
            const V below = hn::Mul(value, load_some(alpha.data() + i, n - i));
            store_some(hn::IfThenElse(hn::Lt(value, hn::Zero(d)), below, value), y + i, n - i);
        }
}

HWY_INLINE V load_some(const Operand& from, std::size_t i, std::size_t n) {
    return from.step == 0 ? hn::Set(d, *from.x) : load_some(from.x + i, n - i);
}

template <class Function>
HWY_INLINE void combine_with(const CombineCall& call, const Function& function) {
    const V low = hn::Set(d, call.curve.low), high = hn::Set(d, call.curve.high);
    const bool is_limits = call.curve.id == Activation::Id::linear;
    for (std::size_t i = 0; i < call.n; i += hn::Lanes(d)) {
        const V value = function(load_some(call.a, i, call.n), load_some(call.b, i, call.n));
        store_some(is_limits ? clamp(value, low, high) : value, call.y + i, call.n - i);
    }
    if (!is_limits) Apply(call.curve, call.y, call.y, call.n);
}

void Combine(const CombineCall& call) {
    const V divisor = hn::Set(d, call.divisor);
    const auto wins = [](V a, hn::Mask<Tag> is_better) { return hn::Or(is_better, hn::IsNaN(a)); };
    switch (call.operation) {
        case Operation::add: return combine_with(call, [](V a, V b) { return hn::Add(a, b); });
        case Operation::subtract: return combine_with(call, [](V a, V b) { return hn::Sub(a, b); });
        case Operation::multiply: return combine_with(call, [](V a, V b) { return hn::Mul(a, b); });
        case Operation::divide: return combine_with(call, [](V a, V b) { return hn::Div(a, b); });
        case Operation::average:
            return combine_with(call, [=](V a, V b) { return hn::Div(hn::Add(a, b), divisor); });
        case Operation::maximum:
            return combine_with(call, [=](V a, V b) { return hn::IfThenElse(wins(a, hn::Ge(a, b)), a, b); });
        case Operation::minimum:
            return combine_with(call, [=](V a, V b) { return hn::IfThenElse(wins(a, hn::Le(a, b)), a, b); });
    }
}

/// Rows that fit into a vector stay there.
void softmax_of_few(float* x, std::size_t rows, std::size_t n) {
    const auto is_there = hn::FirstN(d, n);
    for (std::size_t row = 0; row < rows; ++row, x += n) {
        const float largest = *std::max_element(x, x + n);
        const V e = hn::IfThenElseZero(is_there, exp_of_negative(hn::Sub(load_some(x, n), hn::Set(d, largest))));
        store_some(hn::Div(e, hn::SumOfLanes(d, e)), x, n);
    }
}

/// Short rows, as the probabilities of a classifier are: what does not fill a vector is computed in one all the same.
void Softmax(float* x, std::size_t rows, std::size_t n) {
    if (n <= hn::Lanes(d)) return softmax_of_few(x, rows, n);
    for (std::size_t row = 0; row < rows; ++row, x += n) {
        V most = hn::Set(d, x[0]);
        std::size_t i = 0;
        for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) most = hn::Max(most, hn::LoadU(d, x + i));
        float largest = hn::GetLane(hn::MaxOfLanes(d, most));
        for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
        V sums = hn::Zero(d);
        for (i = 0; i < n; i += hn::Lanes(d)) {
            const V e = exp_of_negative(hn::Sub(load_some(x + i, n - i), hn::Set(d, largest)));
            store_some(e, x + i, n - i);
            sums = hn::Add(sums, load_some(x + i, n - i));
        }
        const V sum = hn::SumOfLanes(d, sums);
        for (i = 0; i < n; i += hn::Lanes(d)) store_some(hn::Div(load_some(x + i, n - i), sum), x + i, n - i);
    }
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void apply(const Curve& curve, const float* x, float* y, std::size_t n) { LAYERCTL_DISPATCH(Apply)(curve, x, y, n); }
void scale(const Curve& curve, const float* x, std::span<const float> factor, std::span<const float> offset,
           std::size_t rows, float* y) {
    LAYERCTL_DISPATCH(Scale)(curve, x, factor, offset, rows, y);
}
void slope(const float* x, std::span<const float> alpha, std::size_t rows, float* y) {
    LAYERCTL_DISPATCH(Slope)(x, alpha, rows, y);
}
void combine(const CombineCall& call) { LAYERCTL_DISPATCH(Combine)(call); }
void softmax(float* x, std::size_t rows, std::size_t n) { LAYERCTL_DISPATCH(Softmax)(x, rows, n); }

std::optional<Curve> curve_of(const Activation& activation) {
    using Id = Activation::Id;
    const auto limits = [](float low, float high) { return Curve{Id::linear, 0, low, high}; };
    const auto function = [](Id id, double alpha) { return Curve{.id = id, .alpha = static_cast<float>(alpha)}; };
    switch (activation.id) {
        case Id::linear: return Curve{};
        case Id::relu6: return limits(0, 6);
        case Id::hard_tanh: return limits(-1, 1);
        case Id::relu:
            if (activation.threshold != 0) return {};
            if (activation.alpha != 0 && activation.has_max) return {};
            if (activation.alpha != 0) return function(Id::leaky_relu, activation.alpha);
            return limits(0, activation.has_max ? static_cast<float>(activation.max_value) : Curve().high);
        case Id::hard_sigmoid_v2: return Curve{activation.id, 0, 0, 1};
        case Id::leaky_relu:
        case Id::sigmoid:
        case Id::tanh:
        case Id::exponential:
        case Id::hard_sigmoid:
        case Id::hard_silu:
        case Id::softplus:
        case Id::softsign:
        case Id::elu:
        case Id::selu:
        case Id::silu:
        case Id::gelu:
        case Id::gelu_tanh: return function(activation.id, activation.alpha);
        default: return {};
    }
}

}  // namespace layerctl::simd
#endif
