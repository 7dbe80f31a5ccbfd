// One head of attention: keys and values are packed as the matrices of two products, between which a block of rows of
// scores stays in the cache.
#include <algorithm>
#include <limits>

#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

inline constexpr std::size_t vectors = 2;

HWY_INLINE std::size_t width() { return vectors * hn::Lanes(d); }
HWY_INLINE std::size_t in_panels(std::size_t n) { return (n + width() - 1) / width() * width(); }

/// Panels of keys: position j is column j, times `scale`. Zeros behind the last.
void pack_keys(const AttentionHead& head, float* to) {
    std::fill_n(to, in_panels(head.positions) * head.key_size, 0.0f);
    for (std::size_t j = 0; j < head.positions; ++j) {
        const float* key = head.key + static_cast<std::ptrdiff_t>(j) * head.key_stride;
        float* column = to + j / width() * width() * head.key_size + j % width();
        for (std::size_t i = 0; i < head.key_size; ++i) column[i * width()] = key[i] * head.scale;
    }
}

/// Panels of values: position j is row j.
void pack_values(const AttentionHead& head, float* to) {
    for (std::size_t column = 0; column < head.value_size; column += width()) {
        const std::size_t n = std::min(width(), head.value_size - column);
        for (std::size_t j = 0; j < head.positions; ++j, to += width()) {
            std::copy_n(head.value + static_cast<std::ptrdiff_t>(j) * head.value_stride + column, n, to);
            std::fill(to + n, to + width(), 0.0f);
        }
    }
}

/// `Rows` rows x times a panel of k rows, as far as there are columns.
template <std::size_t Rows>
HWY_NOINLINE void multiply(const float* const* x, const float* panel, std::size_t k, float* const* y,
                           std::size_t columns) {
    V sums[Rows][vectors];
    for (std::size_t m = 0; m < Rows; ++m)
        for (V& sum : sums[m]) sum = hn::Zero(d);
    for (std::size_t i = 0; i < k; ++i, panel += width()) {
        const V left = hn::LoadU(d, panel), right = hn::LoadU(d, panel + hn::Lanes(d));
        for (std::size_t m = 0; m < Rows; ++m) {
            const V value = hn::Set(d, x[m][i]);
            sums[m][0] = hn::MulAdd(value, left, sums[m][0]);
            sums[m][1] = hn::MulAdd(value, right, sums[m][1]);
        }
    }
    for (std::size_t m = 0; m < Rows; ++m) {
        store_some(sums[m][0], y[m], columns);
        if (columns > hn::Lanes(d)) store_some(sums[m][1], y[m] + hn::Lanes(d), columns - hn::Lanes(d));
    }
}

/// A few rows x (k) times panels (k, n).
HWY_INLINE void multiply_rows(const float* const* x, std::size_t k, const float* panels, std::size_t n, float** y,
                              std::size_t rows) {
    for (std::size_t column = 0; column < n; column += width(), panels += k * width()) {
        if (rows == 1) multiply<1>(x, panels, k, y, n - column);
        else multiply<block_rows>(x, panels, k, y, n - column);
        for (std::size_t m = 0; m < block_rows; ++m) y[m] += width();
    }
}

/// The first n of `padded` scores become e^x / Σ e^x, the others 0.
void softmax_of(float* x, std::size_t n, std::size_t padded) {
    std::fill(x + n, x + padded, -std::numeric_limits<float>::infinity());
    V most = hn::LoadU(d, x), sums = hn::Zero(d);
    for (std::size_t i = 0; i < padded; i += hn::Lanes(d)) most = hn::Max(most, hn::LoadU(d, x + i));
    most = hn::MaxOfLanes(d, most);
    for (std::size_t i = 0; i < padded; i += hn::Lanes(d)) {
        const V e = exp_of_negative(hn::Sub(hn::LoadU(d, x + i), most));
        hn::StoreU(e, d, x + i);
        sums = hn::Add(sums, e);
    }
    const V share = hn::Div(constant(1), hn::SumOfLanes(d, sums));
    for (std::size_t i = 0; i < padded; i += hn::Lanes(d)) hn::StoreU(hn::Mul(hn::LoadU(d, x + i), share), d, x + i);
}

/// The rows that are missing at the end are computed as the last one, to the same place.
void Attend(const AttentionHead& head) {
    const std::size_t padded = in_panels(head.positions);
    float* keys = head.scratch;
    float* values = keys + padded * head.key_size;
    float* scores = values + head.positions * in_panels(head.value_size);
    pack_keys(head, keys);
    pack_values(head, values);
    for (std::size_t first = 0; first < head.queries; first += block_rows) {
        const std::size_t rows = std::min(block_rows, head.queries - first);
        const float* queries[block_rows];
        float* row[block_rows];
        float* y[block_rows];
        const float* shares[block_rows];
        for (std::size_t m = 0; m < block_rows; ++m) {
            const std::size_t place = std::min(m, rows - 1);
            const auto query = static_cast<std::ptrdiff_t>(first + place);
            queries[m] = head.query + query * head.query_stride;
            shares[m] = row[m] = scores + place * padded;
            y[m] = head.y + query * head.y_stride;
        }
        multiply_rows(queries, head.key_size, keys, padded, row, rows);
        for (std::size_t m = 0; m < rows; ++m)
            softmax_of(scores + m * padded, head.causal ? std::min(first + m + 1, head.positions) : head.positions,
                       padded);
        multiply_rows(shares, head.positions, values, head.value_size, y, rows);
    }
}

std::size_t AttentionScratch(const AttentionHead& head) {
    const std::size_t padded = in_panels(head.positions);
    return padded * (head.key_size + std::min(block_rows, head.queries)) + head.positions * in_panels(head.value_size);
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void attend(const AttentionHead& head) { LAYERCTL_DISPATCH(Attend)(head); }
std::size_t attention_scratch(const AttentionHead& head) { return LAYERCTL_DISPATCH(AttentionScratch)(head); }

}  // namespace layerctl::simd
#endif
