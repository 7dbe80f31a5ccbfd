// Orthogonal: a random matrix made orthonormal.
#include <cmath>

#include "engine/initializers/fill.hpp"
#include "engine/ops/matmul.hpp"
#include "models/error.hpp"

namespace layerctl::initializers {
namespace {

/// Orthonormal vectors of `length` elements, one after another: Gram-Schmidt, done twice for accuracy. This is Q of the
/// QR decomposition whose R has a positive diagonal, which is what Keras makes of any QR by its sign correction.
void orthonormalize(std::vector<double>& vectors, std::int64_t count, std::int64_t length) {
    std::vector<double> shares(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        double* vector = vectors.data() + i * length;
        for (int pass = 0; pass < 2 && i > 0; ++pass) {
            ops::gemm(ops::Gemm<double>{.m = i,
                                        .n = 1,
                                        .k = length,
                                        .a = vectors.data(),
                                        .lda = length,
                                        .b = vector,
                                        .ldb = 1,
                                        .c = shares.data(),
                                        .ldc = 1,
                                        .beta = 0});
            ops::gemm(ops::Gemm<double>{.m = 1,
                                        .n = length,
                                        .k = i,
                                        .a = shares.data(),
                                        .lda = i,
                                        .b = vectors.data(),
                                        .ldb = length,
                                        .c = vector,
                                        .ldc = length,
                                        .alpha = -1,
                                        .beta = 1});
        }
        double squares = 0;
        for (std::int64_t k = 0; k < length; ++k) squares += vector[k] * vector[k];
        for (std::int64_t k = 0; k < length; ++k) vector[k] /= std::sqrt(squares);
    }
}

}  // namespace

void fill_orthogonal(const Parameters& p, const Shape& shape, ops::Random& random, std::span<double> values) {
    if (shape.rank() < 2) fail(Code::config, "wanted a weight of rank 2 or more, found shape ", shape);
    if (values.empty()) return;
    const std::int64_t rows = shape.elements(0, shape.rank() - 1), columns = shape.back();
    const bool wide = rows < columns;
    const std::int64_t count = std::min(rows, columns), length = std::max(rows, columns);
    std::vector<double> vectors(values.size());
    for (double& value : vectors) value = random.normal();
    orthonormalize(vectors, count, length);
    for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t k = 0; k < length; ++k)
            values[static_cast<std::size_t>(wide ? i * columns + k : k * columns + i)] =
                p.gain * vectors[static_cast<std::size_t>(i * length + k)];
}

}  // namespace layerctl::initializers
