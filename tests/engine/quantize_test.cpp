// Quantized numbers: int4 in bytes, float8, groups.
#include "engine/ops/quantize.hpp"

#include <catch2/catch.hpp>

#include "models/error.hpp"

using namespace layerctl;

namespace {

Tensor bytes(const Shape& shape, const std::vector<std::int8_t>& values) { return Tensor::from(shape, values); }

std::vector<int> integers(const Tensor& tensor) {
    const auto values = tensor.values<std::int8_t>();
    return {values.begin(), values.end()};
}

std::vector<float> through_float8(const std::vector<float>& x, float scale) {
    const Tensor y = ops::float8_and_back(Tensor::from(Shape{static_cast<std::int64_t>(x.size())}, x),
                                          Tensor::from(Shape{}, std::vector<float>{scale}), DType::float32);
    const auto values = y.values<float>();
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("int4 numbers come out of bytes along either axis, odd lengths too") {  // the examples of Keras' pack_int4
    CHECK(integers(ops::unpack_int4(bytes({2, 2}, {45, -121, 1, 0}), 0, 3)) == std::vector{-3, 7, 2, -8, 1, 0});
    CHECK(integers(ops::unpack_int4(bytes({2, 2}, {125, 2, 24, 0}), 1, 3)) == std::vector{-3, 7, 2, -8, 1, 0});
}

TEST_CASE("float8 has three bits of mantissa, ties to even, an end at 448 and steps of 1/512 near zero") {
    CHECK(through_float8({17, 19, 21, 1e6f, -1e6f}, 1) == std::vector<float>{16, 20, 20, 448, -448});
    CHECK(through_float8({0, 1.0f / 512, 1.4f / 512, 1.5f / 512, 0.4f / 512}, 1) ==
          std::vector<float>{0, 1.0f / 512, 1.0f / 512, 2.0f / 512, 0});
    CHECK(through_float8({34, 38}, 2) == std::vector<float>{32, 40});
}

TEST_CASE("groups of a quantized matrix are checked") {
    const auto floats = [](const Shape& shape, const std::vector<float>& values) {
        return Tensor::from(shape, values);
    };
    ops::QuantizedMatrix matrix{.numbers = bytes({2, 1}, {3, 4}),
                                .scale = floats({2, 1}, {0.5f, 2}),
                                .zero = bytes({2, 1}, {1, -1}),
                                .group = floats({2}, {0, 1}),
                                .summed = 0};
    const Tensor y = ops::dequantize(matrix);
    CHECK(y.values<float>()[0] == 1);
    CHECK(y.values<float>()[1] == 10);
    matrix.group = floats({2}, {0, 2});
    CHECK_THROWS_WITH(ops::dequantize(matrix), "wanted quantization groups below 2, found 2");
}
