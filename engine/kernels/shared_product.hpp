// Products that several threads compute together, if there is enough to do.
#pragma once

#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/workers.hpp"

namespace layerctl {

/// How many threads so many multiply-accumulates are worth.
std::size_t parts_for(std::size_t macs, const Workers& workers);

/// As simd::product: blocks of rows, or of columns where there are few rows.
void shared_product(const simd::ProductCall& call, Workers& workers);

}  // namespace layerctl
