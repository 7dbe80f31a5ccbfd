// Products that several threads compute together, if there is enough to do.
#pragma once

#include <algorithm>

#include "engine/kernels/packed_weights.hpp"
#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/workers.hpp"

namespace layerctl {

/// How many threads so many multiply-accumulates are worth.
std::size_t parts_for(std::size_t macs, const Workers& workers);

/// task(begin, end) for stretches of `count` things that together take as long as so many multiply-accumulates.
template <class Task>
void share_range(std::size_t count, std::size_t macs, Workers& workers, const Task& task) {
    const std::size_t parts = std::min(count, parts_for(macs, workers));
    workers.share(parts, [&](std::size_t i) { task(count * i / parts, count * (i + 1) / parts); });
}

/// Columns [first, first + n) of a matrix of so many rows.
std::vector<float> columns_of(std::span<const float> matrix, std::size_t rows, std::size_t first, std::size_t n);

/// Rows one after the other, every number times the factor of its column; those are 1 if there are none.
void multiply_columns(std::span<float> rows, const Tensor& factor);

/// A matrix whose last axis is that of the outputs, its columns multiplied; `factor` and `bias` may have no value.
simd::Panels packed(const Tensor& kernel, const Tensor& factor, const Tensor& bias);

/// Weights rounded to the precision. Where the product has few rows they are kept in it, since they are read for little
/// work; more rows compute with the same numbers as float32.
simd::Panels rounded(const simd::Panels& panels, DType precision, bool is_narrow);
bool is_narrow(std::size_t rows);

/// What `make` packs, in the precision of the weights.
template <class Make>
simd::Panels in_precision(const PackedWeights& weights, const std::string& name, std::size_t rows, const Make& make) {
    if (weights.precision() == DType::float32) return weights.get(name, make);
    return weights.get(name + (is_narrow(rows) ? ", narrow" : ", rounded"),
                       [&] { return rounded(make(), weights.precision(), is_narrow(rows)); });
}

/// That of a request that has one.
template <class Weighted>
simd::Panels packed(const Weighted& request, const PackedWeights& weights) {
    return weights.get("panels", [&] { return packed(request.kernel, request.factor, request.bias); });
}

/// The product of rows that lie one after the other, and so do those of y.
simd::ProductCall whole_rows(const float* x, std::size_t rows, const simd::Panels& matrix, const simd::Curve& curve,
                             float* y);

/// As simd::product: blocks of rows, or of columns where there are few rows.
void shared_product(const simd::ProductCall& call, Workers& workers);

inline void shared_product(const float* x, std::size_t rows, const simd::Panels& matrix, const simd::Curve& curve,
                           float* y, Workers& workers) {
    shared_product(whole_rows(x, rows, matrix, curve, y), workers);
}

}  // namespace layerctl
