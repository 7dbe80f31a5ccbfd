// A step of a recurrent layer: the gates of a vector of units are summed side by side and never leave the registers.
#include <algorithm>
#include <vector>

#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/recurrent.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

/// What the gates make of the units [unit, unit + left) of one row. `x` is what was projected, `sums` the product of h
/// with the recurrent kernel.
struct Units {
    const RecurrentStep& step;
    std::size_t row, unit, left;

    const float* at(const float* rows, std::ptrdiff_t stride) const {
        return rows + static_cast<std::ptrdiff_t>(row) * stride + unit;
    }
    float* kept() const { return step.kept + row * step.units + unit; }
    V gate(V x) const { return curve_at(step.recurrent_activation, x); }
    V fresh(V x) const { return curve_at(step.activation, x); }
    void set(V h) const { store_some(h, step.next + static_cast<std::ptrdiff_t>(row) * step.next_stride + unit, left); }
};

/// The whole of a SimpleRNN, or gate n of a GRU that has reset: h = z·h + (1 − z)·n.
HWY_INLINE void close(const Units& units, const V (&x)[1], const V (&sums)[1]) {
    const V n = units.fresh(hn::Add(x[0], sums[0]));
    if (units.step.before == nullptr) return units.set(n);
    const V h = load_some(units.at(units.step.before, units.step.before_stride), units.left);
    units.set(hn::MulAdd(load_some(units.kept(), units.left), hn::Sub(h, n), n));
}

/// Gates z, r: keeps z, makes r·h.
HWY_INLINE void close(const Units& units, const V (&x)[2], const V (&sums)[2]) {
    store_some(units.gate(hn::Add(x[0], sums[0])), units.kept(), units.left);
    const V h = load_some(units.at(units.step.h, units.step.h_stride), units.left);
    units.set(hn::Mul(units.gate(hn::Add(x[1], sums[1])), h));
}

/// Gates z, r, n: h = z·h + (1 − z)·n with n = activation(x + r·(h·kernel + bias)).
HWY_INLINE void close(const Units& units, const V (&x)[3], const V (&sums)[3]) {
    const V z = units.gate(hn::Add(x[0], sums[0])), r = units.gate(hn::Add(x[1], sums[1]));
    const V n = units.fresh(hn::MulAdd(r, sums[2], x[2]));
    const V h = load_some(units.at(units.step.h, units.step.h_stride), units.left);
    units.set(hn::MulAdd(z, hn::Sub(h, n), n));
}

/// Gates i, f, g, o: c = f·c + i·g; h = o·activation(c).
HWY_INLINE void close(const Units& units, const V (&x)[4], const V (&sums)[4]) {
    const V i = units.gate(hn::Add(x[0], sums[0])), f = units.gate(hn::Add(x[1], sums[1]));
    const V g = units.fresh(hn::Add(x[2], sums[2])), o = units.gate(hn::Add(x[3], sums[3]));
    const V c = hn::MulAdd(f, load_some(units.kept(), units.left), hn::Mul(i, g));
    store_some(c, units.kept(), units.left);
    units.set(hn::Mul(o, units.fresh(c)));
}

/// All units of some rows; a weight is read once for all of them.
template <std::size_t Gates, std::size_t Rows, class W>
HWY_INLINE void step_rows(const RecurrentStep& step, const W* kernel, std::size_t row) {
    constexpr bool has_factors = sizeof(W) == 1;
    // of the sums of a single row, to hide how long an addition takes
    constexpr std::size_t sets = Rows > 1 ? 1 : Gates == 1 ? 8 : Gates == 2 ? 4 : Gates == 3 ? 3 : 2;
    const std::size_t lanes = hn::Lanes(d);
    const float *h[Rows], *x[Rows];
    for (std::size_t r = 0; r < Rows; ++r) {
        h[r] = step.h + static_cast<std::ptrdiff_t>(row + r) * step.h_stride;
        x[r] = step.projected + static_cast<std::ptrdiff_t>(row + r) * step.projected_stride;
    }
    const float* bias = step.recurrent_bias;
    const float* factors = has_factors ? step.recurrent->factors.values<float>().data() : nullptr;
    const auto add = [&](std::size_t k, V(&sums)[Rows][sets][Gates], std::size_t set) HWY_ATTR {
        V values[Rows];
        for (std::size_t r = 0; r < Rows; ++r) values[r] = hn::Set(d, h[r][k]);
        for (std::size_t g = 0; g < Gates; ++g, kernel += lanes) {
            const V weights = weights_at(kernel);
            for (std::size_t r = 0; r < Rows; ++r) sums[r][set][g] = hn::MulAdd(values[r], weights, sums[r][set][g]);
        }
    };
    for (std::size_t unit = 0; unit < step.units; unit += lanes) {
        V sums[Rows][sets][Gates];
        for (auto& row_sums : sums)
            for (auto& set : row_sums)
                for (V& sum : set) sum = hn::Zero(d);
        if (bias != nullptr && !has_factors)
            for (std::size_t r = 0; r < Rows; ++r)
                for (std::size_t g = 0; g < Gates; ++g) sums[r][0][g] = hn::LoadU(d, bias + g * lanes);
        std::size_t k = 0;
        for (; k + sets <= step.units; k += sets)
            for (std::size_t s = 0; s < sets; ++s) add(k + s, sums, s);
        for (; k < step.units; ++k) add(k, sums, 0);
        for (std::size_t r = 0; r < Rows; ++r) {
            V inputs[Gates];
            for (std::size_t g = 0; g < Gates; ++g, x[r] += lanes) {
                inputs[g] = hn::LoadU(d, x[r]);
                V& sum = sums[r][0][g];
                for (std::size_t s = 1; s < sets; ++s) sum = hn::Add(sum, sums[r][s][g]);
                if constexpr (has_factors) {
                    sum = hn::Mul(sum, hn::LoadU(d, factors + g * lanes));
                    if (bias != nullptr) sum = hn::Add(sum, hn::LoadU(d, bias + g * lanes));
                }
            }
            close(Units{step, row + r, unit, step.units - unit}, inputs, sums[r][0]);
        }
        if (bias != nullptr) bias += Gates * lanes;
        if (has_factors) factors += Gates * lanes;
    }
}

/// As many rows together as their sums find registers.
template <std::size_t Gates, class W>
HWY_NOINLINE void step_all(const RecurrentStep& step, const W* kernel) {
    for (std::size_t row = 0; row < step.rows;) {
        const std::size_t left = step.rows - row, together = left == 4 ? 2 : std::min<std::size_t>(left, 3);
        if (together == 3) step_rows<Gates, 3>(step, kernel, row);
        else if (together == 2) step_rows<Gates, 2>(step, kernel, row);
        else step_rows<Gates, 1>(step, kernel, row);
        row += together;
    }
}

void Step(const RecurrentStep& step) {
    with_weights(*step.recurrent, [&](const auto* kernel) {
        if (step.gates == 1) step_all<1>(step, kernel);
        else if (step.gates == 2) step_all<2>(step, kernel);
        else if (step.gates == 3) step_all<3>(step, kernel);
        else step_all<4>(step, kernel);
    });
}

void LstmGates(const RecurrentStep& step, const float* products) {
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t row = 0; row < step.rows; ++row) {
        const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(row) * step.projected_stride;
        const float *x = step.projected + first, *sum = products + first;
        for (std::size_t unit = 0; unit < step.units; unit += lanes) {
            V inputs[4], sums[4];
            for (std::size_t g = 0; g < 4; ++g, x += lanes, sum += lanes) {
                inputs[g] = hn::LoadU(d, x);
                sums[g] = hn::LoadU(d, sum);
            }
            close(Units{step, row, unit, step.units - unit}, inputs, sums);
        }
    }
}

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

void recurrent_step(const RecurrentStep& step) { LAYERCTL_DISPATCH(Step)(step); }
void lstm_gates(const RecurrentStep& step, const float* products) { LAYERCTL_DISPATCH(LstmGates)(step, products); }

std::size_t gate_columns(std::size_t gates, std::size_t units) {
    return (units + lanes() - 1) / lanes() * lanes() * gates;
}

std::vector<float> interleave_gates(std::span<const float> matrix, std::size_t rows, std::size_t gates,
                                    std::size_t units) {
    const std::size_t width = lanes(), columns = gate_columns(gates, units);
    std::vector<float> out(rows * columns);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t gate = 0; gate < gates; ++gate)
            for (std::size_t unit = 0; unit < units; ++unit)
                out[row * columns + (unit / width * gates + gate) * width + unit % width] =
                    matrix[(row * gates + gate) * units + unit];
    return out;
}

Panels recurrent_panels(std::span<const float> matrix, std::size_t gates, std::size_t units) {
    const std::size_t block = gates * lanes(), columns = gate_columns(gates, units);
    const std::vector<float> rows = interleave_gates(matrix, units, gates, units);
    const auto width = static_cast<std::int64_t>(columns);
    Panels out{units,
               columns,
               block,
               Tensor::uninitialized(DType::float32, {static_cast<std::int64_t>(units), width}),
               Tensor(DType::float32, {width}),
               {}};
    float* to = out.panels.mutable_values<float>().data();
    for (std::size_t column = 0; column < columns; column += block)
        for (std::size_t row = 0; row < units; ++row, to += block)
            std::copy_n(rows.data() + row * columns + column, block, to);
    return out;
}

}  // namespace layerctl::simd
#endif
