// Products of tensors summed over some axes of both.
#pragma once

#include <vector>

#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {

/// The axes of two tensors that are summed over, in pairs.
struct Contraction {
    std::vector<std::size_t> x, y;
};

/// The other axes of x, then those of y. Code::shape if sizes do not fit.
Shape contracted_shape(const Shape& x, const Shape& y, const Contraction& axes);

/// float32 or float64.
Tensor contracted(const Tensor& x, const Tensor& y, const Contraction& axes);

/// Products of the first two arguments: the dtype of the result, and the one it is computed in. Keras 3 multiplies
/// integers as floats and cuts them off again; TensorFlow's stay exact as far as float64 reaches.
DType product_dtype(const Arguments& arguments);
DType computed_dtype(const Arguments& arguments, DType result);

}  // namespace layerctl::ops
