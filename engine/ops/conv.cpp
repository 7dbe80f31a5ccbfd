#include "engine/ops/conv.hpp"

#include <memory>

#include "engine/ops/matmul.hpp"
#include "engine/ops/patches.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

// A 1x1 window with stride 1: the image itself is the matrix of patches.
bool is_pointwise(const WindowAxes& axes) {
    for (const WindowAxis& axis : axes)
        if (axis.size != 1 || axis.stride != 1 || axis.before != 0 || axis.in != axis.out) return false;
    return true;
}

template <class T>
std::unique_ptr<T[]> scratch(std::int64_t elements) {
    return std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(elements));
}

// One group: `x`, `kernel` and `y` point at the group's first channel or filter.
template <class T>
void conv_group(const ConvShape& s, const T* x, const T* kernel, T* y) {
    const std::int64_t channels = s.channels / s.groups, rows = s.batch * output_positions(s.axes);
    const Patches<T> patches(s.axes, channels, s.channels);
    Gemm<T> product{.m = rows,
                    .n = s.filters / s.groups,
                    .k = patches.row_size(),
                    .a = x,
                    .lda = s.channels,
                    .b = kernel,
                    .ldb = s.filters,
                    .c = y,
                    .ldc = s.filters};
    if (is_pointwise(s.axes)) return gemm(product);
    const std::int64_t block = std::min(patches.rows_per_block(), rows);
    const auto matrix = scratch<T>(block * patches.row_size());
    product.a = matrix.get();
    product.lda = patches.row_size();
    for (std::int64_t row = 0; row < rows; row += block, product.c = y + row * s.filters) {
        product.m = std::min(block, rows - row);
        patches.gather(x, row, row + product.m, matrix.get());
        gemm(product);
    }
}

}  // namespace

std::int64_t applications(const ConvShape& shape) {
    return times(times(shape.batch, output_positions(shape.axes)), window_taps(shape.axes));
}

void conv(const ConvShape& s, const Tensor& x, const Tensor& kernel, Tensor& y) {
    if (y.elements() == 0) return;
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        T* const out = y.mutable_values<T>().data();
        for (std::int64_t g = 0; g < s.groups; ++g)
            conv_group<T>(s, x.values<T>().data() + g * (s.channels / s.groups),
                          kernel.values<T>().data() + g * (s.filters / s.groups), out + g * (s.filters / s.groups));
    });
}

void conv_transpose(const ConvShape& s, const Tensor& x, const Tensor& kernel, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const auto out = y.mutable_values<T>();
        std::fill(out.begin(), out.end(), T{0});
        const Patches<T> patches(s.axes, s.filters, s.filters);
        const std::int64_t rows = s.batch * output_positions(s.axes), columns = patches.row_size();
        const std::int64_t block = std::min(patches.rows_per_block(), rows);
        const auto matrix = scratch<T>(block * columns);
        const T* const in = x.values<T>().data();
        const T* const weights = kernel.values<T>().data();
        for (std::int64_t row = 0; row < rows; row += block) {
            const std::int64_t last = std::min(row + block, rows);
            gemm(Gemm<T>{.m = last - row,
                         .n = columns,
                         .k = s.channels,
                         .a = in + row * s.channels,
                         .lda = s.channels,
                         .b = weights,
                         .ldb = s.channels,
                         .transpose_b = true,
                         .c = matrix.get(),
                         .ldc = columns});
            patches.scatter(matrix.get(), row, last, out.data());
        }
    });
}

void local_conv(const ConvShape& s, const Tensor& x, const Tensor& kernel, Tensor& y) {
    if (y.elements() == 0) return;
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const Patches<T> patches(s.axes, s.channels, s.channels);
        const std::int64_t positions = output_positions(s.axes), k = patches.row_size();
        const auto row = scratch<T>(k);
        T* const out = y.mutable_values<T>().data();
        const T* const weights = kernel.values<T>().data();
        for (std::int64_t at = 0; at < s.batch * positions; ++at) {
            patches.gather(x.values<T>().data(), at, at + 1, row.get());
            gemm(Gemm<T>{.m = 1,
                         .n = s.filters,
                         .k = k,
                         .a = row.get(),
                         .lda = k,
                         .b = weights + at % positions * k * s.filters,
                         .ldb = s.filters,
                         .c = out + at * s.filters,
                         .ldc = s.filters});
        }
    });
}

}  // namespace layerctl::ops
