// Matrix products through BLAS, in float32 or float64.
#pragma once

#include <cstdint>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// y = a · b, contracting the last axis of a (…, k) with the first of b (k, n); y is (…, n).
void matmul(const Tensor& a, const Tensor& b, Tensor& y);

/// y[…, c] += bias[c]; a bias of higher rank spans as many of the last axes.
void add_bias(Tensor& y, const Tensor& bias);

/// Row-major C (m, n) = alpha · op(A) · op(B) + beta · C, with leading dimensions; op transposes if asked.
template <class T>
struct Gemm {
    std::int64_t m = 0, n = 0, k = 0;
    const T* a = nullptr;
    std::int64_t lda = 0;
    bool transpose_a = false;
    const T* b = nullptr;
    std::int64_t ldb = 0;
    bool transpose_b = false;
    T* c = nullptr;
    std::int64_t ldc = 0;
    T alpha = 1;
    T beta = 0;
};
void gemm(const Gemm<float>& g);
void gemm(const Gemm<double>& g);

}  // namespace layerctl::ops
