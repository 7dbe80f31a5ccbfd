// Rows brought to mean 0 and variance 1; statistics in doubles, as large means would swallow the digits of small
// spreads.
#include <cmath>

#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/normalize.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<double>;
using Narrow = hn::Rebind<float, Wide>;
inline constexpr Wide wide;
inline constexpr Narrow narrow;
using V = hn::Vec<Wide>;

HWY_INLINE V load(const float* from) { return hn::PromoteTo(wide, hn::LoadU(narrow, from)); }

/// Σ term(x) over n numbers; `term` takes a vector or one number.
template <class Term>
HWY_INLINE double sum(const float* x, std::size_t n, const Term& term) {
    constexpr std::size_t sets = 4;  // of sums, to hide how long an addition takes
    const std::size_t lanes = hn::Lanes(wide);
    V sums[sets];
    for (V& one : sums) one = hn::Zero(wide);
    std::size_t i = 0;
    for (; i + sets * lanes <= n; i += sets * lanes)
        for (std::size_t s = 0; s < sets; ++s) sums[s] = hn::Add(sums[s], term(load(x + i + s * lanes)));
    const V all = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
    double total = hn::GetLane(hn::SumOfLanes(wide, all));
    for (; i < n; ++i) total += hn::GetLane(term(hn::Set(wide, static_cast<double>(x[i]))));
    return total;
}

void Normalize(const NormalizeCall& call) {
    const std::size_t n = call.factor.size(), lanes = hn::Lanes(wide);
    const float* x = call.x;
    float* y = call.y;
    for (std::size_t row = 0; row < call.rows; ++row, x += n, y += n) {
        const double count = static_cast<double>(n);
        const double mean = call.about_mean ? sum(x, n, [](V value) { return value; }) / count : 0;
        const double spread = sum(x, n, [center = hn::Set(wide, mean)](V value) {
            const V off = hn::Sub(value, center);
            return hn::Mul(off, off);
        });
        const double shift = call.shifts ? mean : 0, scale = 1 / std::sqrt(spread / count + call.epsilon);
        std::size_t i = 0;
        for (; i + lanes <= n; i += lanes) {
            const V off = hn::Mul(hn::Sub(load(x + i), hn::Set(wide, shift)), hn::Set(wide, scale));
            const auto scaled = hn::MulAdd(hn::DemoteTo(narrow, off), hn::LoadU(narrow, call.factor.data() + i),
                                           hn::LoadU(narrow, call.offset.data() + i));
            hn::StoreU(scaled, narrow, y + i);
        }
        for (; i < n; ++i)
            y[i] = static_cast<float>((static_cast<double>(x[i]) - shift) * scale) * call.factor[i] + call.offset[i];
    }
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void normalize(const NormalizeCall& call) { LAYERCTL_DISPATCH(Normalize)(call); }

}  // namespace layerctl::simd
#endif
