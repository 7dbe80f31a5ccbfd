#include "engine/kernels/shared_product.hpp"

#include <algorithm>

namespace layerctl {
namespace {

/// About ten microseconds of one core: less is done before another thread has heard of it.
constexpr std::size_t macs_per_part = 200'000;

/// Where part i of `parts` begins, in whole blocks.
std::size_t begin_of(std::size_t i, std::size_t parts, std::size_t count, std::size_t block) {
    const std::size_t blocks = (count + block - 1) / block;
    return std::min(blocks * i / parts * block, count);
}

}  // namespace

std::size_t parts_for(std::size_t macs, const Workers& workers) {
    return std::clamp<std::size_t>(macs / macs_per_part, 1, workers.count());
}

std::vector<float> columns_of(std::span<const float> matrix, std::size_t rows, std::size_t first, std::size_t n) {
    std::vector<float> out(rows * n);
    const std::size_t stride = matrix.size() / rows;
    for (std::size_t row = 0; row < rows; ++row)
        std::copy_n(matrix.data() + row * stride + first, n, out.data() + row * n);
    return out;
}

void multiply_columns(std::span<float> rows, const Tensor& factor) {
    if (!factor.has_value()) return;
    const std::span<const float> factors = factor.values<float>();
    for (float* row = rows.data(); row < rows.data() + rows.size(); row += factors.size())
        for (std::size_t i = 0; i < factors.size(); ++i) row[i] *= factors[i];
}

simd::Panels packed(const Tensor& kernel, const Tensor& factor, const Tensor& bias) {
    const auto n = static_cast<std::size_t>(kernel.shape().back());
    const std::span<const float> matrix = kernel.values<float>();
    simd::Panels panels =
        simd::empty_panels(matrix.size() / n, n, bias.has_value() ? bias.values<float>() : std::span<const float>());
    std::vector<float> row(n);
    for (std::size_t i = 0; i < panels.k; ++i) {
        std::copy_n(matrix.data() + i * n, n, row.data());
        multiply_columns(row, factor);
        simd::pack_row(panels, i, row.data());
    }
    return panels;
}

bool is_narrow(std::size_t rows) {
    constexpr std::size_t few = 4;
    return rows <= few;
}

simd::Panels rounded(const simd::Panels& panels, DType precision, bool is_narrow) {
    const simd::Panels narrow = simd::narrowed(panels, precision);
    return is_narrow ? narrow : simd::widened(narrow);
}

simd::ProductCall whole_rows(const float* x, std::size_t rows, const simd::Panels& matrix, const simd::Curve& curve,
                             float* y) {
    static constexpr std::ptrdiff_t from_the_start[] = {0};
    return {.x = x,
            .x_stride = static_cast<std::ptrdiff_t>(matrix.k),
            .row_count = rows,
            .segments = from_the_start,
            .segment_length = matrix.k,
            .matrix = &matrix,
            .y = y,
            .y_stride = static_cast<std::ptrdiff_t>(matrix.n),
            .curve = curve};
}

void shared_product(const simd::ProductCall& call, Workers& workers) {
    const std::size_t parts = parts_for(call.row_count * call.matrix->k * call.matrix->n, workers);
    if (parts == 1) return simd::product(call);
    const std::size_t block = simd::block_rows();
    if (call.row_count >= 2 * parts * block)
        return workers.share(parts, [&](std::size_t i) {
            const std::size_t begin = begin_of(i, parts, call.row_count, block);
            simd::product(call.some(begin, begin_of(i + 1, parts, call.row_count, block) - begin));
        });
    workers.share(parts, [&](std::size_t i) {
        simd::ProductCall part = call;
        part.first_column = begin_of(i, parts, call.matrix->n, simd::panel_width());
        part.last_column = begin_of(i + 1, parts, call.matrix->n, simd::panel_width());
        simd::product(part);
    });
}

}  // namespace layerctl
