// Decompositions of matrices: the last two axes of tensors of float32 or float64, whatever axes come before them.
// Signs that a decomposition leaves open are those of Eigen, which TensorFlow uses too.
#pragma once

#include "models/tensor.hpp"

namespace layerctl::ops {

/// x⁻¹; Code::input for a singular matrix.
Tensor inverse(const Tensor& x);

/// The x of a · x = b, for matrices b.
Tensor solve(const Tensor& a, const Tensor& b);

/// The same for a triangular matrix, of which the other half is not read.
Tensor solve_triangular(const Tensor& a, const Tensor& b, bool lower, bool transposed);

/// One number per matrix.
Tensor determinant(const Tensor& x);

/// The sign of the determinant, and the logarithm of its magnitude.
struct LogDeterminant {
    Tensor sign, magnitude;
};
LogDeterminant log_determinant(const Tensor& x);

/// The lower triangle L of x = L·Lᵀ; Code::input for a matrix that is not positive definite.
Tensor cholesky(const Tensor& x);

/// x = q · r; q is square if `complete`, else as wide as the shorter side.
struct Qr {
    Tensor q, r;
};
Qr qr(const Tensor& x, bool complete);

/// x = u · diag(s) · vᵀ with descending s; u and v are square if `complete`.
struct Svd {
    Tensor s, u, v;
};
Svd svd(const Tensor& x, bool complete);
Tensor singular_values(const Tensor& x);

/// Of symmetric matrices, whose lower triangle is read: ascending values, and vectors in columns.
struct EigenPairs {
    Tensor values, vectors;
};
EigenPairs symmetric_eigen(const Tensor& x);

/// Both triangles of x[p] = L·U in one matrix, and the rows p in int64.
struct Lu {
    Tensor triangles, rows;
};
Lu lu(const Tensor& x);

}  // namespace layerctl::ops
