// Einstein summation of two tensors, as EinsumDense and the attention layers use it.
#pragma once

#include <string>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// "abc,cd->abd" taken apart: one letter per axis of the operands and of the result, "..." written out in letters
/// the equation does not use.
struct Einsum {
    std::string a, b, y;
    std::size_t ellipsis = 0;     // letters that stand for "..."
    bool ellipsis_leads = false;  // y began with "..."
};

/// `rank_a` and `rank_b` say how many axes "..." stands for; `rank_b` matters only if b has one.
/// Code::config for anything but two operands, letters, "..." and "->"; Code::shape if the rank does not fit.
Einsum parse_einsum(const std::string& equation, std::size_t rank_a, std::size_t rank_b = 0);

/// The products it sums, for operands of these known shapes.
std::int64_t macs(const Einsum& equation, const Shape& a, const Shape& b);

/// The sum of products; float32 or float64.
Tensor einsum(const Einsum& equation, const Tensor& a, const Tensor& b);

}  // namespace layerctl::ops
