// Matrix products from packed panels: a block of rows times a panel stays in registers until it is done.
#include <algorithm>
#include <cmath>

#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/simd/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/simd/product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernels/simd/curves-inl.hpp"
#include "engine/kernels/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace layerctl::simd::HWY_NAMESPACE {

struct Tile {
    const ProductCall& call;
    const float* bias;
    const float* factors;  // of int8
    float* y;              // of the first row
    std::size_t columns;   // that are there
    std::size_t column;    // the first
    std::size_t row = 0;   // the first

    const float* added(std::size_t behind) const {
        const std::size_t at = row + behind;
        return call.added + column +
               (call.added_rows != nullptr ? call.added_rows[at] : static_cast<std::ptrdiff_t>(at) * call.y_stride);
    }
};

template <std::size_t Vectors>
HWY_INLINE void store(const Tile& tile, const V* sums, std::size_t row) {
    const V low = hn::Set(d, tile.call.curve.low), high = hn::Set(d, tile.call.curve.high);
    const bool is_limits = tile.call.curve.id == Activation::Id::linear;
    float* y = tile.y + static_cast<std::ptrdiff_t>(row) * tile.call.y_stride;
    const bool is_whole = tile.columns >= Vectors * hn::Lanes(d);
    const float* const added = tile.call.added != nullptr ? tile.added(row) : nullptr;
    for (std::size_t v = 0; v < Vectors; ++v) {
        const std::size_t at = v * hn::Lanes(d);
        V sum = sums[v];
        if (added != nullptr && at < tile.columns) sum = hn::Add(sum, load_some(added + at, tile.columns - at));
        if (is_limits) sum = clamp(sum, low, high);
        if (is_whole) hn::StoreU(sum, d, y + at);
        else if (at < tile.columns) store_some(sum, y + at, tile.columns - at);
    }
}

/// `Rows` rows times one panel of `Vectors` vectors.
template <std::size_t Rows, std::size_t Vectors>
HWY_NOINLINE void multiply(const Tile& tile, const float* panel, const float* const* x) {
    V sums[Rows][Vectors];
    for (std::size_t m = 0; m < Rows; ++m)
        for (std::size_t v = 0; v < Vectors; ++v) sums[m][v] = hn::Load(d, tile.bias + v * hn::Lanes(d));
    for (const std::ptrdiff_t segment : tile.call.segments) {
        const float* from[Rows];
        for (std::size_t m = 0; m < Rows; ++m) from[m] = x[m] + segment;
        for (std::size_t k = 0; k < tile.call.segment_length; ++k, panel += Vectors * hn::Lanes(d)) {
            V columns[Vectors];
            for (std::size_t v = 0; v < Vectors; ++v) columns[v] = hn::Load(d, panel + v * hn::Lanes(d));
            for (std::size_t m = 0; m < Rows; ++m) {
                const V value = hn::Set(d, from[m][k]);
                for (std::size_t v = 0; v < Vectors; ++v) sums[m][v] = hn::MulAdd(value, columns[v], sums[m][v]);
            }
        }
    }
    for (std::size_t m = 0; m < Rows; ++m) store<Vectors>(tile, sums[m], m);
}

/// One row times one panel: several sums per column hide how long an addition takes.
template <std::size_t Vectors, class W>
HWY_NOINLINE void multiply_row(const Tile& tile, const W* panel, const float* x) {
    constexpr std::size_t sets = 8 / Vectors;
    constexpr bool has_factors = sizeof(W) == 1;
    V sums[sets][Vectors];
    for (std::size_t v = 0; v < Vectors; ++v)
        sums[0][v] = has_factors ? hn::Zero(d) : hn::Load(d, tile.bias + v * hn::Lanes(d));
    for (std::size_t s = 1; s < sets; ++s)
        for (std::size_t v = 0; v < Vectors; ++v) sums[s][v] = hn::Zero(d);
    for (const std::ptrdiff_t segment : tile.call.segments) {
        const float* from = x + segment;
        std::size_t k = 0;
        for (; k + sets <= tile.call.segment_length; k += sets)
            for (std::size_t s = 0; s < sets; ++s, panel += Vectors * hn::Lanes(d)) {
                const V value = hn::Set(d, from[k + s]);
                for (std::size_t v = 0; v < Vectors; ++v)
                    sums[s][v] = hn::MulAdd(value, weights_at(panel + v * hn::Lanes(d)), sums[s][v]);
            }
        for (; k < tile.call.segment_length; ++k, panel += Vectors * hn::Lanes(d))
            for (std::size_t v = 0; v < Vectors; ++v)
                sums[0][v] = hn::MulAdd(hn::Set(d, from[k]), weights_at(panel + v * hn::Lanes(d)), sums[0][v]);
    }
    for (std::size_t s = 1; s < sets; ++s)
        for (std::size_t v = 0; v < Vectors; ++v) sums[0][v] = hn::Add(sums[0][v], sums[s][v]);
    if constexpr (has_factors)
        for (std::size_t v = 0; v < Vectors; ++v)
            sums[0][v] = hn::MulAdd(sums[0][v], hn::Load(d, tile.factors + v * hn::Lanes(d)),
                                    hn::Load(d, tile.bias + v * hn::Lanes(d)));
    store<Vectors>(tile, sums[0], 0);
}

template <std::size_t Vectors, std::size_t Rows = block_rows>
HWY_INLINE void multiply_rows(const Tile& tile, const float* panel, const float* const* x, std::size_t rows) {
    if constexpr (Rows == 1) multiply_row<Vectors>(tile, panel, x[0]);
    else if (rows == Rows) multiply<Rows, Vectors>(tile, panel, x);
    else multiply_rows<Vectors, Rows - 1>(tile, panel, x, rows);
}

HWY_INLINE const float* row_of(const ProductCall& call, std::size_t row) {
    return call.x + (call.rows != nullptr ? call.rows[row] : static_cast<std::ptrdiff_t>(row) * call.x_stride);
}

/// The rows in blocks of about the same size.
template <std::size_t Vectors>
HWY_INLINE void multiply_panel(Tile tile, const float* panel) {
    const ProductCall& call = tile.call;
    const std::size_t blocks = (call.row_count + block_rows - 1) / block_rows;
    for (std::size_t block = 0, row = 0; block < blocks; ++block) {
        const std::size_t rows = (call.row_count - row + blocks - block - 1) / (blocks - block);
        const float* x[block_rows];
        for (std::size_t m = 0; m < rows; ++m) x[m] = row_of(call, row + m);
        multiply_rows<Vectors>(tile, panel, x, rows);
        row += rows;
        tile.row = row;
        tile.y += static_cast<std::ptrdiff_t>(rows) * call.y_stride;
    }
}

/// Narrow weights are for few rows, where reading them takes longer than computing.
template <std::size_t Vectors, class W>
HWY_INLINE void multiply_panel(Tile tile, const W* panel) {
    for (; tile.row < tile.call.row_count; ++tile.row, tile.y += tile.call.y_stride)
        multiply_row<Vectors>(tile, panel, row_of(tile.call, tile.row));
}

/// The columns asked for of a few rows.
void multiply_columns(const ProductCall& call) {
    const Panels& matrix = *call.matrix;
    const std::size_t width = 2 * hn::Lanes(d);
    const float* bias = matrix.bias.values<float>().data();
    const float* factors = matrix.factors.has_value() ? matrix.factors.values<float>().data() : bias;
    const std::size_t last = std::min(call.last_column, matrix.n);
    const auto multiply = [&](const auto* panel) {
        panel += matrix.k * call.first_column;
        for (std::size_t column = call.first_column; column < last; column += width) {
            const std::size_t columns = std::min(width, matrix.n - column);
            const Tile tile{call, bias + column, factors + column, call.y + column, columns, column};
            if (columns <= hn::Lanes(d)) multiply_panel<1>(tile, panel);
            else multiply_panel<2>(tile, panel);
            panel += matrix.k * width;
        }
    };
    if (call.weights != nullptr) multiply(call.weights);
    else with_weights(matrix, multiply);
}

void MultiplyRows(const Panels& matrix, const float* factors, float* panels) {
    const float* from = matrix.panels.values<float>().data();
    const std::size_t lanes = hn::Lanes(d), columns = matrix.bias.elements();
    for (std::size_t column = 0; column < columns; column += matrix.width) {
        const std::size_t width = std::min(matrix.width, columns - column);
        for (std::size_t k = 0; k < matrix.k; ++k)
            for (std::size_t v = 0; v < width; v += lanes, from += lanes, panels += lanes)
                hn::Store(hn::Mul(hn::Load(d, from), hn::Set(d, factors[k])), d, panels);
    }
}

/// The function of a curve, once a few rows of sums lie there: long stretches take less time than many short ones.
void finish(const ProductCall& call) {
    if (call.curve.id == Activation::Id::linear) return;
    const std::size_t n = std::min(call.last_column, call.matrix->n) - call.first_column;
    const bool is_one = call.y_stride == static_cast<std::ptrdiff_t>(n);
    const std::size_t stretches = is_one ? 1 : call.row_count, length = is_one ? call.row_count * n : n;
    float* y = call.y + call.first_column;
    for (std::size_t i = 0; i < stretches; ++i, y += call.y_stride) apply(call.curve, y, y, length);
}

/// Rows in chunks of about one size that stay in the caches while all panels go over them.
void Product(const ProductCall& call) {
    constexpr std::size_t cached = 1 << 15, few = 8 * block_rows;
    const std::size_t near = std::max(few, cached / std::max<std::size_t>(call.matrix->k, 1));
    const std::size_t chunks = std::max<std::size_t>((call.row_count + near / 2) / near, 1);
    for (std::size_t i = 0, row = 0; i < chunks; ++i) {
        const std::size_t end = (call.row_count * (i + 1) / chunks + block_rows - 1) / block_rows * block_rows;
        const ProductCall some = call.some(row, std::min(end, call.row_count) - row);
        multiply_columns(some);
        finish(some);
        row += some.row_count;
    }
}

/// Four rows at a time, so that the sums are not read and written for each.
void Streamed(const StreamedProduct& call) {
    const std::size_t n = call.y.size(), lanes = hn::Lanes(d);
    if (call.bias.empty()) std::fill_n(call.y.data(), n, 0.0f);
    else std::copy_n(call.bias.data(), n, call.y.data());
    std::size_t i = 0;
    for (; i + 4 <= call.x.size(); i += 4) {
        const float* const row = call.matrix + i * call.stride;
        const V x0 = hn::Set(d, call.x[i]), x1 = hn::Set(d, call.x[i + 1]);
        const V x2 = hn::Set(d, call.x[i + 2]), x3 = hn::Set(d, call.x[i + 3]);
        for (std::size_t j = 0; j < n; j += lanes) {
            V sum = load_some(call.y.data() + j, n - j);
            sum = hn::MulAdd(x0, load_some(row + j, n - j), sum);
            sum = hn::MulAdd(x1, load_some(row + call.stride + j, n - j), sum);
            sum = hn::MulAdd(x2, load_some(row + 2 * call.stride + j, n - j), sum);
            sum = hn::MulAdd(x3, load_some(row + 3 * call.stride + j, n - j), sum);
            store_some(sum, call.y.data() + j, n - j);
        }
    }
    for (; i < call.x.size(); ++i)
        for (std::size_t j = 0; j < n; j += lanes)
            store_some(hn::MulAdd(hn::Set(d, call.x[i]), load_some(call.matrix + i * call.stride + j, n - j),
                                  load_some(call.y.data() + j, n - j)),
                       call.y.data() + j, n - j);
}

std::size_t Lanes() { return hn::Lanes(d); }
std::size_t BlockRows() { return block_rows; }
const char* Target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace layerctl::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace layerctl::simd {

std::size_t lanes() { return LAYERCTL_DISPATCH(Lanes)(); }
const char* target() { return LAYERCTL_DISPATCH(Target)(); }
std::size_t block_rows() { return LAYERCTL_DISPATCH(BlockRows)(); }
std::size_t panel_width() { return 2 * lanes(); }

void product(const ProductCall& call) { LAYERCTL_DISPATCH(Product)(call); }
void multiply_rows(const Panels& matrix, const float* factors, float* panels) {
    LAYERCTL_DISPATCH(MultiplyRows)(matrix, factors, panels);
}
void product(const StreamedProduct& call) { LAYERCTL_DISPATCH(Streamed)(call); }

Panels empty_panels(std::size_t k, std::size_t n, std::span<const float> bias) {
    const std::size_t width = panel_width(), whole = n / width * width;
    const std::size_t tail = n == whole ? 0 : n - whole <= lanes() ? lanes() : width;
    const auto columns = static_cast<std::int64_t>(whole + tail);
    Panels panels{k,
                  n,
                  width,
                  Tensor::uninitialized(DType::float32, {static_cast<std::int64_t>(k), columns}),
                  Tensor(DType::float32, {columns}),
                  {}};
    std::copy(bias.begin(), bias.end(), panels.bias.mutable_values<float>().begin());
    return panels;
}

void pack_row(Panels& panels, std::size_t row, const float* numbers) {
    const std::size_t width = panel_width(), columns = panels.bias.elements();
    float* const begin = panels.panels.mutable_values<float>().data();
    for (std::size_t column = 0; column < panels.n; column += width) {
        const std::size_t here = std::min(width, columns - column), some = std::min(here, panels.n - column);
        float* const to = begin + column * panels.k + row * here;
        std::fill_n(std::copy_n(numbers + column, some, to), here - some, 0.0f);
    }
}

namespace {

/// Where each panel begins, in columns, and how many it has.
template <class Visit>
void for_each_panel(const Panels& panels, const Visit& visit) {
    const std::size_t columns = panels.bias.elements(), width = panels.width;
    for (std::size_t first = 0; first < columns; first += width) visit(first, std::min(width, columns - first));
}

}  // namespace

Panels narrowed(const Panels& panels, DType dtype) {
    Panels out = panels;
    if (dtype == DType::bfloat16) out.panels = panels.panels.cast(dtype);
    if (dtype != DType::int8) return out;
    out.panels = Tensor::uninitialized(dtype, panels.panels.shape());
    out.factors = Tensor(DType::float32, panels.bias.shape());
    const float* const from = panels.panels.values<float>().data();
    std::int8_t* const to = out.panels.mutable_values<std::int8_t>().data();
    float* const factors = out.factors.mutable_values<float>().data();
    for_each_panel(panels, [&](std::size_t first, std::size_t width) {
        const std::size_t begin = first * panels.k, end = begin + width * panels.k;
        for (std::size_t i = begin; i < end; ++i) {
            float& factor = factors[first + (i - begin) % width];
            factor = std::max(factor, std::abs(from[i]) / 127);
        }
        for (std::size_t i = begin; i < end; ++i) {
            const float factor = factors[first + (i - begin) % width];
            to[i] = factor == 0 ? std::int8_t{0} : static_cast<std::int8_t>(std::nearbyint(from[i] / factor));
        }
    });
    return out;
}

Panels widened(const Panels& panels) {
    Panels out = panels;
    out.panels = panels.panels.cast(DType::float32);
    out.factors = {};
    if (panels.panels.dtype() != DType::int8) return out;
    const float* const factors = panels.factors.values<float>().data();
    float* const to = out.panels.mutable_values<float>().data();
    for_each_panel(panels, [&](std::size_t first, std::size_t width) {
        for (std::size_t i = 0; i < width * panels.k; ++i) to[first * panels.k + i] *= factors[first + i % width];
    });
    return out;
}

Panels pack(std::span<const float> matrix, std::size_t k, std::size_t n, std::span<const float> bias) {
    Panels panels = empty_panels(k, n, bias);
    for (std::size_t row = 0; row < k; ++row) pack_row(panels, row, matrix.data() + row * n);
    return panels;
}

}  // namespace layerctl::simd
#endif
