// Quantized numbers as Keras 3 keeps and makes them: int8 and packed int4 with scales, float8 e4m3.
#pragma once

#include <cstdint>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// int4 numbers out of bytes that hold two each along `axis`, the first in the low half: int8, `length` of them there.
Tensor unpack_int4(const Tensor& packed, std::size_t axis, std::int64_t length);

/// A matrix of int8 numbers and what turns them back into floats. Sums run along axis `summed`, 0 or 1; each line
/// across it has a scale of its own, or one per group of elements.
struct QuantizedMatrix {
    Tensor numbers;          // (rows, columns), int8
    Tensor scale;            // (lines), or with the groups along `summed`: (groups, columns) or (rows, groups)
    Tensor zero = {};        // shaped as `scale`; only where there are groups
    Tensor group = {};       // the group of every element along `summed`
    std::size_t summed = 0;  // the axis that a product with the matrix sums over
};

/// numbers / scale, or (numbers − zero) · scale where there are groups, in the dtype of `scale`.
/// Groups that are out of range are Code::weights.
Tensor dequantize(const QuantizedMatrix& matrix);

/// How inputs become integers: round(x · scale), clipped to [low, high], where scale = high / (max |x| + epsilon).
struct AbsMaxQuantizer {
    double low = -127;
    double high = 127;
    double epsilon = 1e-7;
};

/// What is left of `x` after quantizing and dequantizing, with a scale for all elements that differ only in `axes`.
/// The steps are rounded to `dtype`.
Tensor integers_and_back(const Tensor& x, const std::vector<std::size_t>& axes, const AbsMaxQuantizer& quantizer,
                         DType dtype);

/// The same through float8 e4m3: x / scale, clipped to ±448 and rounded to 3 bits of mantissa, times scale.
Tensor float8_and_back(const Tensor& x, const Tensor& scale, DType dtype);

}  // namespace layerctl::ops
