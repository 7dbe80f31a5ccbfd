// Pooling and the layers that cut, pad and enlarge: special numbers, masks, dtypes and sizes.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/engine/layer_fixture.hpp"

using namespace layerctl;
using test::counting;
using test::floats;
using test::layer;
using test::message_of;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor steps(const std::vector<float>& values) {
    return Tensor::from({1, static_cast<std::int64_t>(values.size()), 1}, values);
}

}  // namespace

TEST_CASE("max pooling passes over NaN and never falls below the lowest number, as TensorFlow") {
    const auto pool = layer("MaxPooling1D", Value::object({{"pool_size", 2}}));
    CHECK(floats(test::run(*pool, steps({not_a_number, 1, not_a_number, not_a_number, -infinity, -infinity}))) ==
          std::vector<float>{1, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::lowest()});
}

TEST_CASE("a global maximum keeps NaN") {
    const auto pool = layer("GlobalMaxPooling1D", Value::object({}));
    CHECK(std::isnan(floats(test::run(*pool, steps({1, not_a_number, 2}))).front()));
    CHECK(std::isnan(floats(test::run(*pool, steps({not_a_number, 1, 2}))).front()));
    CHECK(floats(test::run(*pool, steps({-infinity, -infinity}))).front() == -infinity);
}

TEST_CASE("maxima of integers are integers") {
    const auto pool = layer("MaxPooling2D", Value::object({{"pool_size", 2}}));
    CHECK(pool->input_dtype(0, DType::uint8) == DType::uint8);
    const Tensor y = test::run(*pool, counting({1, 4, 4, 1}, DType::uint8));
    CHECK(y.dtype() == DType::uint8);
    CHECK(floats(y) == std::vector<float>{5, 7, 13, 15});
}

TEST_CASE("padding does not count in a mean") {
    const auto pool = layer("AveragePooling1D", Value::object({{"pool_size", 3}, {"strides", 1}, {"padding", "same"}}));
    CHECK(floats(test::run(*pool, steps({3, 6, 9}))) == std::vector<float>{4.5F, 6, 7.5F});
}

TEST_CASE("a window wider than its input is fine where padding is") {
    const Value config = Value::object({{"pool_size", std::int64_t{1} << 40}, {"strides", 1}, {"padding", "same"}});
    CHECK(floats(test::run(*layer("MaxPooling1D", config), steps({3, 9, 6}))) == std::vector<float>{9, 9, 9});
    CHECK(message_of([] {
              layer("MaxPooling1D", Value::object({{"pool_size", 4}}))->compute_output_shape({{-1, 3, 1}});
          }) == "spatial axis 0: wanted at least 4 elements, found spatial sizes (3,)");
}

TEST_CASE("GlobalAveragePooling1D heeds a mask") {
    const auto pool = layer("GlobalAveragePooling1D", Value::object({{"keepdims", true}}));
    const Tensor x = counting({2, 3, 2});
    Tensor mask(DType::boolean, {2, 3});
    mask.mutable_values<bool>()[0] = mask.mutable_values<bool>()[2] = true;
    Tensors y = {Tensor(DType::float32, {2, 1, 2})};
    pool->call_masked({x}, {mask}, {}, y);
    const auto means = floats(y[0]);
    CHECK(means[0] == 2);
    CHECK(means[1] == 3);
    CHECK(std::isnan(means[2]));  // nothing left of the second row
}

TEST_CASE("padding and cropping move any dtype") {
    const Tensor padded = test::run(*layer("ZeroPadding1D", Value::object({{"padding", Value::array({1, 2})}})),
                                    counting({1, 2, 1}, DType::int64));
    CHECK(padded.dtype() == DType::int64);
    CHECK(floats(padded) == std::vector<float>{0, 0, 1, 0, 0});
    const auto crop = layer("Cropping1D", Value::object({{"cropping", Value::array({1, 0})}}));
    CHECK(floats(test::run(*crop, counting({2, 2, 1}, DType::uint8))) == std::vector<float>{1, 3});
    CHECK(message_of([&] { crop->compute_output_shape({{-1, 1, 1}}); }) == "cannot crop 1 of 1 elements");
    CHECK(crop->compute_output_shape({{-1, -1, 1}}).front() == Shape{-1, -1, 1});
}

TEST_CASE("up-sampling repeats along each axis") {
    const auto up = layer("UpSampling2D", Value::object({{"size", Value::array({1, 2})}}));
    CHECK(floats(test::run(*up, counting({1, 2, 2, 1}))) == std::vector<float>{0, 0, 1, 1, 2, 2, 3, 3});
    CHECK(test::run(*up, Tensor(DType::float32, {0, 2, 2, 1})).shape() == Shape{0, 2, 4, 1});
}
