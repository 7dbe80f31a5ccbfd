// Products that several threads compute together, if there is enough to do.
#pragma once

#include "engine/kernels/packed_weights.hpp"
#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/workers.hpp"

namespace layerctl {

/// How many threads so many multiply-accumulates are worth.
std::size_t parts_for(std::size_t macs, const Workers& workers);

/// A matrix whose last axis is that of the outputs; `bias` may have no value.
simd::Panels packed(const Tensor& kernel, const Tensor& bias);

/// That of a request that has one.
template <class Weighted>
simd::Panels packed(const Weighted& request, const PackedWeights& weights) {
    return weights.get("panels", [&] { return packed(request.kernel, request.bias); });
}

/// As simd::product: blocks of rows, or of columns where there are few rows.
void shared_product(const simd::ProductCall& call, Workers& workers);

/// The same for rows that lie one after the other.
void shared_product(const float* x, std::size_t rows, const simd::Panels& matrix, const simd::Curve& curve, float* y,
                    Workers& workers);

}  // namespace layerctl
