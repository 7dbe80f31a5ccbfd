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

/// All units of one row.
template <std::size_t Gates, class W>
HWY_INLINE void step_row(const RecurrentStep& step, const W* kernel, std::size_t row) {
    constexpr bool has_factors = sizeof(W) == 1;
    // of sums, to hide how long an addition takes
    constexpr std::size_t sets = Gates == 1 ? 8 : Gates == 2 ? 4 : Gates == 3 ? 3 : 2;
    const std::size_t lanes = hn::Lanes(d);
    const float* h = step.h + static_cast<std::ptrdiff_t>(row) * step.h_stride;
    const float* x = step.projected + static_cast<std::ptrdiff_t>(row) * step.projected_stride;
    const float* bias = step.recurrent_bias;
    const float* factors = has_factors ? step.recurrent->factors.values<float>().data() : nullptr;
    for (std::size_t unit = 0; unit < step.units; unit += lanes, x += Gates * lanes) {
        V sums[sets][Gates];
        for (std::size_t s = 0; s < sets; ++s)
            for (std::size_t g = 0; g < Gates; ++g) sums[s][g] = hn::Zero(d);
        if (bias != nullptr && !has_factors)
            for (std::size_t g = 0; g < Gates; ++g, bias += lanes) sums[0][g] = hn::LoadU(d, bias);
        std::size_t k = 0;
        for (; k + sets <= step.units; k += sets)
            for (std::size_t s = 0; s < sets; ++s) {
                const V value = hn::Set(d, h[k + s]);
                for (std::size_t g = 0; g < Gates; ++g, kernel += lanes)
                    sums[s][g] = hn::MulAdd(value, weights_at(kernel), sums[s][g]);
            }
        for (; k < step.units; ++k)
            for (std::size_t g = 0; g < Gates; ++g, kernel += lanes)
                sums[0][g] = hn::MulAdd(hn::Set(d, h[k]), weights_at(kernel), sums[0][g]);
        V inputs[Gates];
        for (std::size_t g = 0; g < Gates; ++g) {
            inputs[g] = hn::LoadU(d, x + g * lanes);
            for (std::size_t s = 1; s < sets; ++s) sums[0][g] = hn::Add(sums[0][g], sums[s][g]);
            if constexpr (has_factors) {
                sums[0][g] = hn::Mul(sums[0][g], hn::LoadU(d, factors));
                factors += lanes;
                if (bias != nullptr) {
                    sums[0][g] = hn::Add(sums[0][g], hn::LoadU(d, bias));
                    bias += lanes;
                }
            }
        }
        close(Units{step, row, unit, step.units - unit}, inputs, sums[0]);
    }
}

void Step(const RecurrentStep& step) {
    with_weights(*step.recurrent, [&](const auto* kernel) {
        for (std::size_t row = 0; row < step.rows; ++row) {
            if (step.gates == 1) step_row<1>(step, kernel, row);
            else if (step.gates == 2) step_row<2>(step, kernel, row);
            else if (step.gates == 3) step_row<3>(step, kernel, row);
            else step_row<4>(step, kernel, row);
        }
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
