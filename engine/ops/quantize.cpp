#include "engine/ops/quantize.hpp"

#include <algorithm>
#include <cmath>

#include "engine/ops/rows.hpp"
#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

template <class T>
T rounded(T value, DType dtype) {
    if (dtype == DType::float16) return static_cast<T>(to_float(to_float16(static_cast<float>(value))));
    if (dtype == DType::bfloat16) return static_cast<T>(to_float(to_bfloat16(static_cast<float>(value))));
    return value;
}

/// The nearest float8 e4m3 number, ties to even; `value` lies within ±448.
double to_e4m3(double value) {
    constexpr int mantissa_bits = 3, least_exponent = -6;
    if (value == 0 || std::isnan(value)) return value;
    const int step = std::max(std::ilogb(value), least_exponent) - mantissa_bits;
    return std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
}

/// The group of every element along the summed axis, checked.
std::vector<std::int64_t> checked_groups(const Tensor& group, std::int64_t groups) {
    const Tensor indices = group.cast(DType::int64);
    const auto values = indices.values<std::int64_t>();
    for (const std::int64_t index : values)
        if (index < 0 || index >= groups)
            fail(Code::weights, "wanted quantization groups below ", groups, ", found ", index);
    return {values.begin(), values.end()};
}

template <class T>
void dequantize_grouped(const QuantizedMatrix& matrix, const std::int8_t* numbers, T* out) {
    const std::int64_t rows = matrix.numbers.shape()[0], columns = matrix.numbers.shape()[1];
    const std::int64_t stride = matrix.scale.shape()[1];
    const std::vector<std::int64_t> group = checked_groups(matrix.group, matrix.scale.shape()[matrix.summed]);
    const Tensor zeros = matrix.zero.cast(matrix.scale.dtype());
    const T* scale = matrix.scale.values<T>().data();
    const T* zero = zeros.values<T>().data();
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column) {
            const std::int64_t at = matrix.summed == 0 ? group[static_cast<std::size_t>(row)] * stride + column
                                                       : row * stride + group[static_cast<std::size_t>(column)];
            *out++ = (static_cast<T>(*numbers++) - zero[at]) * scale[at];
        }
}

template <class T>
void dequantize_lines(const QuantizedMatrix& matrix, const std::int8_t* numbers, T* out) {
    const std::int64_t rows = matrix.numbers.shape()[0], columns = matrix.numbers.shape()[1];
    const T* scale = matrix.scale.values<T>().data();
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            *out++ = static_cast<T>(*numbers++) / scale[matrix.summed == 0 ? column : row];
}

}  // namespace

Tensor unpack_int4(const Tensor& packed, std::size_t axis, std::int64_t length) {
    Shape shape = packed.shape();
    const std::int64_t bytes = shape[axis], inner = shape.elements(axis + 1, shape.rank());
    if (bytes != (length + 1) / 2) fail(Code::internal, length, " packed numbers in ", bytes, " bytes");
    shape[axis] = length;
    Tensor numbers = Tensor::uninitialized(DType::int8, shape);
    const std::int8_t* from = packed.values<std::int8_t>().data();
    std::int8_t* to = numbers.mutable_values<std::int8_t>().data();
    const std::int64_t outer = shape.elements(0, axis);
    for (std::int64_t block = 0; block < outer; ++block, from += bytes * inner)
        for (std::int64_t i = 0; i < length; ++i)
            for (std::int64_t k = 0; k < inner; ++k) {
                const int byte = from[i / 2 * inner + k];
                const int half = i % 2 == 0 ? byte & 15 : (byte >> 4) & 15;
                *to++ = static_cast<std::int8_t>((half ^ 8) - 8);
            }
    return numbers;
}

Tensor dequantize(const QuantizedMatrix& matrix) {
    Tensor floats = Tensor::uninitialized(matrix.scale.dtype(), matrix.numbers.shape());
    const std::int8_t* numbers = matrix.numbers.values<std::int8_t>().data();
    with_float(floats.dtype(), [&]<class T>(Type<T>) {
        T* out = floats.mutable_values<T>().data();
        if (matrix.group.has_value()) dequantize_grouped<T>(matrix, numbers, out);
        else dequantize_lines<T>(matrix, numbers, out);
    });
    return floats;
}

Tensor integers_and_back(const Tensor& x, const std::vector<std::size_t>& axes, const AbsMaxQuantizer& quantizer,
                         DType dtype) {
    Tensor y = x;
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const T low = static_cast<T>(quantizer.low), high = static_cast<T>(quantizer.high);
        const T epsilon = rounded(static_cast<T>(quantizer.epsilon), dtype);
        for_each_row<T>(y, axes, [&](T* row, std::int64_t n) {
            T most = 0;
            for (std::int64_t i = 0; i < n; ++i) most = std::max(most, std::abs(row[i]));
            const T scale = rounded(high / rounded(most + epsilon, dtype), dtype);
            for (std::int64_t i = 0; i < n; ++i)
                row[i] = std::clamp(std::nearbyint(rounded(row[i] * scale, dtype)), low, high) / scale;
        });
    });
    return y;
}

Tensor float8_and_back(const Tensor& x, const Tensor& scale, DType dtype) {
    constexpr double largest = 448;
    Tensor y = x;
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const T factor = scale.values<T>()[0];
        for (T& element : y.mutable_values<T>()) {
            const double quotient = rounded(element / factor, dtype);
            element = rounded(static_cast<T>(to_e4m3(std::clamp(quotient, -largest, largest))) * factor, dtype);
        }
    });
    return y;
}

}  // namespace layerctl::ops
