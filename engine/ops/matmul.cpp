#include "engine/ops/matmul.hpp"

#include <algorithm>
#include <limits>

#include "engine/ops/blas.hpp"
#include "engine/ops/threads.hpp"
#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

// Forwards to cblas, whose sizes are 32 bits wide: tall products go in slices, other sizes beyond that are refused.
template <class T, class Function>
void gemm_in_slices(const Gemm<T>& g, Function product) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    if (g.m == 0 || g.n == 0) return;
    if (std::max({g.n, g.k, g.lda, g.ldb, g.ldc}) > most || (g.transpose_a && g.m > most))
        fail(Code::refused, "a matrix product of (", g.m, ", ", g.k, ") with (", g.k, ", ", g.n, ") is too large");
    blas().set_threads(threads());
    const auto leading = [](std::int64_t size) { return static_cast<int>(std::max<std::int64_t>(size, 1)); };
    for (std::int64_t row = 0; row < g.m; row += most)
        product(CblasRowMajor, g.transpose_a ? CblasTrans : CblasNoTrans, g.transpose_b ? CblasTrans : CblasNoTrans,
                static_cast<int>(std::min(g.m - row, most)), static_cast<int>(g.n), static_cast<int>(g.k), g.alpha,
                g.a + row * g.lda, leading(g.lda), g.b, leading(g.ldb), g.beta, g.c + row * g.ldc, leading(g.ldc));
}

}  // namespace

void gemm(const Gemm<float>& g) { gemm_in_slices(g, blas().sgemm); }
void gemm(const Gemm<double>& g) { gemm_in_slices(g, blas().dgemm); }

void matmul(const Tensor& a, const Tensor& b, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const std::int64_t k = b.shape()[0], n = b.shape()[1];
        const std::int64_t m = a.shape().elements(0, a.shape().rank() - 1);
        const T* const left = a.values<T>().data();
        gemm(Gemm<T>{.m = m,
                     .n = n,
                     .k = k,
                     .a = left,
                     .lda = k,
                     .b = b.values<T>().data(),
                     .ldb = n,
                     .c = y.mutable_values<T>().data(),
                     .ldc = n});
    });
}

void add_bias(Tensor& y, const Tensor& bias) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const auto values = y.mutable_values<T>();
        const auto addend = bias.values<T>();
        for (std::size_t row = 0; row < values.size(); row += addend.size())
            for (std::size_t c = 0; c < addend.size(); ++c) values[row + c] += addend[c];
    });
}

}  // namespace layerctl::ops
