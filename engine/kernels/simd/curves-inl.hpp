// The activations as vector code. Compiled once per instruction set: no include guard of the usual kind.
#if defined(LAYERCTL_CURVES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LAYERCTL_CURVES_INL
#undef LAYERCTL_CURVES_INL
#else
#define LAYERCTL_CURVES_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using V = hn::Vec<Tag>;
inline constexpr Tag d;

/// Rows that a product computes at once: with two vectors each, their sums leave room for what is multiplied in 16 or
/// 32 registers.
#if HWY_TARGET <= HWY_AVX3
inline constexpr std::size_t block_rows = 12;
#elif HWY_TARGET <= HWY_AVX2
inline constexpr std::size_t block_rows = 6;
#else
inline constexpr std::size_t block_rows = 4;
#endif

/// A vector of weights, as they are kept.
HWY_INLINE V weights_at(const float* weights) { return hn::Load(d, weights); }
HWY_INLINE V weights_at(const hwy::bfloat16_t* weights) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::bfloat16_t, Tag>(), weights));
}
HWY_INLINE V weights_at(const std::int8_t* weights) {
    return hn::ConvertTo(
        d, hn::PromoteTo(hn::Rebind<std::int32_t, Tag>(), hn::LoadU(hn::Rebind<std::int8_t, Tag>(), weights)));
}

/// Calls `action` with the panels of a matrix as pointers to what they are kept as.
template <class Action>
HWY_INLINE void with_weights(const Panels& matrix, const Action& action) {
    const std::byte* const bytes = matrix.panels.data();
    switch (matrix.panels.dtype()) {
        case DType::bfloat16: return action(reinterpret_cast<const hwy::bfloat16_t*>(bytes));
        case DType::int8: return action(reinterpret_cast<const std::int8_t*>(bytes));
        default: return action(reinterpret_cast<const float*>(bytes));
    }
}

HWY_INLINE V constant(double value) { return hn::Set(d, static_cast<float>(value)); }

/// The larger one; y if that is NaN. Max says so on x86, which answers with the second operand if one is NaN.
HWY_INLINE V at_least(V low, V y) {
#if HWY_TARGET <= HWY_AVX2
    return hn::Max(low, y);
#else
    return hn::IfThenElse(hn::Lt(y, low), low, y);
#endif
}
HWY_INLINE V at_most(V high, V y) {
#if HWY_TARGET <= HWY_AVX2
    return hn::Min(high, y);
#else
    return hn::IfThenElse(hn::Gt(y, high), high, y);
#endif
}

/// NaN goes through.
HWY_INLINE V clamp(V x, V low, V high) { return at_most(high, at_least(low, x)); }

/// Rows of memory that may end within a vector. What lies behind n is neither read nor written: masks promise that
/// where the instruction set has them.
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE V load_some(const float* from, std::size_t n) {
    return n >= hn::Lanes(d) ? hn::LoadU(d, from) : hn::MaskedLoad(hn::FirstN(d, n), d, from);
}
HWY_INLINE void store_some(V x, float* to, std::size_t n) {
    if (n >= hn::Lanes(d)) hn::StoreU(x, d, to);
    else hn::BlendedStore(x, hn::FirstN(d, n), d, to);
}
#else
HWY_INLINE V load_some(const float* from, std::size_t n) {
    if (n >= hn::Lanes(d)) return hn::LoadU(d, from);
    HWY_ALIGN float padded[HWY_MAX_BYTES / sizeof(float)] = {};
    for (std::size_t i = 0; i < n; ++i) padded[i] = from[i];
    return hn::Load(d, padded);
}
HWY_INLINE void store_some(V x, float* to, std::size_t n) {
    if (n >= hn::Lanes(d)) return hn::StoreU(x, d, to);
    HWY_ALIGN float padded[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(x, d, padded);
    for (std::size_t i = 0; i < n; ++i) to[i] = padded[i];
}
#endif

/// x = n · ln 2 + r with |r| <= ln 2 / 2; e^r − 1 = r + r²·p(r), coefficients of Cephes' expf.
struct ExpParts {
    V e_r_minus_1;
    hn::Vec<hn::RebindToSigned<Tag>> n;
};
HWY_INLINE ExpParts exp_parts(V x) {
    const V n = hn::Round(hn::Mul(x, constant(1.44269504088896341)));
    const V r = hn::NegMulAdd(n, constant(-2.12194440e-4), hn::NegMulAdd(n, constant(0.693359375), x));
    V p = constant(1.9875691500e-4);
    for (const double c : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1})
        p = hn::MulAdd(p, r, constant(c));
    const hn::RebindToSigned<Tag> di;
    return {hn::MulAdd(hn::Mul(r, r), p, r), hn::ConvertTo(di, n)};
}

/// y · 2^n, in two steps that reach the smallest and the largest numbers.
HWY_INLINE V times_power_of_2(V y, hn::Vec<hn::RebindToSigned<Tag>> n) {
    const hn::RebindToSigned<Tag> di;
    const auto half = hn::ShiftRight<1>(n);
    const auto bias = hn::Set(di, 127);
    const V first = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
    const V second = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(n, half), bias)));
    return hn::Mul(hn::Mul(y, first), second);
}

HWY_INLINE V exp(V x) {
    const ExpParts parts = exp_parts(clamp(x, constant(-104), constant(104)));
    return times_power_of_2(hn::Add(parts.e_r_minus_1, constant(1)), parts.n);
}

/// e^x − 1, without loss near 0.
HWY_INLINE V expm1(V x) {
    const ExpParts parts = exp_parts(clamp(x, constant(-104), constant(104)));
    const V far = hn::Sub(times_power_of_2(hn::Add(parts.e_r_minus_1, constant(1)), parts.n), constant(1));
    const hn::RebindToSigned<Tag> di;
    return hn::IfThenElse(hn::RebindMask(d, hn::Eq(parts.n, hn::Zero(di))), parts.e_r_minus_1, far);
}

/// e^x for −87 <= x, and NaN; infinite from 88.4 on, up to 89: the rounded number of powers of 2 stands in the lowest
/// bits of a sum with 1.5 · 2^23, and ln 2 as a float is near enough for as few. The polynomial is the best of its
/// degree; 1 + r are its first terms. It is computed in pairs of terms, which do not wait for each other.
HWY_INLINE V exp_of_small(V x) {
    const V bias = constant(12582912.0 + 127);
    const V shifted = hn::MulAdd(x, constant(1.44269504088896341), bias);
    const V n = hn::Sub(shifted, bias);
    const V r = hn::NegMulAdd(n, constant(0.69314718055994531), x);
    const V r2 = hn::Mul(r, r);
    const V high = hn::MulAdd(constant(0.008312501831), r, constant(0.04189033349));
    const V low = hn::MulAdd(constant(0.1666711539), r, constant(0.499992303));
    const V p = hn::MulAdd(hn::MulAdd(high, r2, low), r2, hn::Add(r, constant(1)));
    const hn::RebindToSigned<Tag> di;
    return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, shifted))));
}

/// e^x for x <= 0, and NaN; 0 where that is next to nothing.
HWY_INLINE V exp_of_negative(V x) {
    const V least = constant(-87);
    return hn::IfThenZeroElse(hn::Lt(x, least), exp_of_small(at_least(least, x)));
}

/// x · sigmoid(y). Where the sigmoid is next to nothing it is 0: so −∞ becomes NaN, as in Keras, and no other number.
HWY_INLINE V gated(V x, V y) {
    const V e = exp_of_small(clamp(hn::Neg(y), constant(-87), constant(88.7)));
    return hn::Div(x, hn::Add(constant(1), e));
}

HWY_INLINE V sigmoid(V x) { return gated(constant(1), x); }

/// A quotient of polynomials, Eigen's; beyond 8 it is 1.
HWY_INLINE V tanh(V x) {
    x = clamp(x, constant(-7.99881172180175781), constant(7.99881172180175781));
    const V z = hn::Mul(x, x);
    V p = constant(-2.76076847742355e-16);
    for (const double c : {2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08, 1.48572235717979e-05,
                           6.37261928875436e-04, 4.89352455891786e-03})
        p = hn::MulAdd(p, z, constant(c));
    V q = constant(1.19825839466702e-06);
    for (const double c : {1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03})
        q = hn::MulAdd(q, z, constant(c));
    return hn::Div(hn::Mul(x, p), q);
}

HWY_INLINE V softplus(V x) {
    return hn::Add(at_least(hn::Zero(d), x), hn::Log1p(d, exp_of_negative(hn::Neg(hn::Abs(x)))));
}

/// The same, beyond 4.
HWY_INLINE V erf(V x) {
    x = clamp(x, constant(-4), constant(4));
    const V z = hn::Mul(x, x);
    V p = constant(-2.72614225801306e-10);
    for (const double c : {2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05, -7.34990630326855e-04,
                           -2.95459980854025e-03, -1.60960333262415e-02})
        p = hn::MulAdd(p, z, constant(c));
    V q = constant(-1.45660718464996e-05);
    for (const double c : {-2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02})
        q = hn::MulAdd(q, z, constant(c));
    return hn::Div(hn::Mul(x, p), q);
}

HWY_INLINE V gelu(V x) {
    const V half = hn::Mul(x, constant(0.5));
    return hn::MulAdd(half, erf(hn::Mul(x, constant(0.70710678118654752))), half);
}

/// x / 2 · (1 + tanh(y)) = x · sigmoid(2y).
HWY_INLINE V gelu_tanh(V x) {
    const V cube = hn::Mul(hn::Mul(x, x), x);
    return gated(x, hn::Mul(constant(2 * 0.79788456080286536), hn::MulAdd(constant(0.044715), cube, x)));
}

HWY_INLINE V hard_sigmoid(V x) {
    return hn::Mul(clamp(hn::Add(x, constant(3)), hn::Zero(d), constant(6)), constant(1.0 / 6));
}

HWY_INLINE V negative_part(V x, V below) { return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, below); }

/// Calls `action` with the function of a curve, without its limits.
template <class Action>
HWY_INLINE auto with_function(const Curve& curve, const Action& action) {
    using Id = Activation::Id;
    const V alpha = hn::Set(d, curve.alpha);
    switch (curve.id) {
        case Id::leaky_relu: return action([=](V x) { return negative_part(x, hn::Mul(alpha, x)); });
        case Id::sigmoid: return action([](V x) { return sigmoid(x); });
        case Id::tanh: return action([](V x) { return tanh(x); });
        case Id::exponential: return action([](V x) { return exp(x); });
        case Id::hard_sigmoid_v2: return action([](V x) { return hn::MulAdd(x, constant(0.2), constant(0.5)); });
        case Id::hard_sigmoid: return action([](V x) { return hard_sigmoid(x); });
        case Id::hard_silu: return action([](V x) { return hn::Mul(x, hard_sigmoid(x)); });
        case Id::softplus: return action([](V x) { return softplus(x); });
        case Id::softsign: return action([](V x) { return hn::Div(x, hn::Add(constant(1), hn::Abs(x))); });
        case Id::elu: return action([=](V x) { return negative_part(x, hn::Mul(alpha, expm1(x))); });
        case Id::selu:
            return action([](V x) {
                const V below = hn::Mul(constant(1.6732632423543772), expm1(x));
                return hn::Mul(constant(1.0507009873554805), negative_part(x, below));
            });
        case Id::silu: return action([](V x) { return gated(x, x); });
        case Id::gelu: return action([](V x) { return gelu(x); });
        case Id::gelu_tanh: return action([](V x) { return gelu_tanh(x); });
        default: return action([](V x) { return x; });
    }
}

HWY_INLINE V curve_at(const Curve& curve, V x) {
    const V y = with_function(curve, [&](const auto& function) { return function(x); });
    return clamp(y, hn::Set(d, curve.low), hn::Set(d, curve.high));
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
