#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "models/error.hpp"
#include "models/tensor.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::code_of;

TEST_CASE("a new tensor is zero and aligned") {
    const Tensor tensor(DType::float32, {3, 5});
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.data()) % Tensor::alignment == 0);
    CHECK(tensor.byte_size() == 60);
    for (const float value : tensor.values<float>()) CHECK(value == 0.0F);
}

TEST_CASE("copies share bytes until one is written") {
    Tensor a = Tensor::from({2}, std::vector<float>{1, 2});
    const Tensor b = a;
    CHECK(a.data() == b.data());
    a.mutable_values<float>()[0] = 7;
    CHECK(a.data() != b.data());
    CHECK(b.values<float>()[0] == 1.0F);
}

TEST_CASE("sizes that overflow are refused before anything is allocated") {
    const std::int64_t big = std::int64_t{1} << 40;
    CHECK(code_of([&] { Tensor(DType::float32, {big, big}); }) == Code::refused);
    CHECK(code_of([&] { Tensor(DType::float64, {std::int64_t{1} << 61}); }) == Code::refused);
    CHECK(code_of([] { Tensor(DType::float32, {Shape::unknown, 3}); }) == Code::internal);
}

TEST_CASE("an empty tensor has no elements but is a value") {
    const Tensor tensor(DType::float32, {0, 4});
    CHECK(tensor.has_value());
    CHECK(tensor.elements() == 0);
    CHECK_FALSE(Tensor().has_value());
}

TEST_CASE("asking for the wrong element type is an error") {
    const Tensor tensor(DType::float32, {1});
    CHECK(code_of([&] { (void)tensor.values<double>(); }) == Code::internal);
    CHECK(code_of([&] { (void)tensor.string_values(); }) == Code::internal);
}

TEST_CASE("casts truncate floats, saturate integers and keep NaN out of them") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Tensor floats = Tensor::from({5}, std::vector<float>{-1.7F, 2.9F, 1e30F, -1e30F, nan});
    const Tensor ints = floats.cast(DType::int32);
    const std::vector<std::int32_t> wanted = {-1, 2, std::numeric_limits<std::int32_t>::max(),
                                              std::numeric_limits<std::int32_t>::min(), 0};
    CHECK(std::vector<std::int32_t>(ints.values<std::int32_t>().begin(), ints.values<std::int32_t>().end()) == wanted);
    CHECK(floats.cast(DType::boolean).values<bool>()[0]);
    const Tensor negative =
        Tensor::from({2}, std::vector<float>{-1.7F, 300.0F});  // numpy: array([255, 44], dtype=uint8)
    CHECK(negative.cast(DType::uint8).values<std::uint8_t>()[0] == 255);
    CHECK(negative.cast(DType::uint8).values<std::uint8_t>()[1] == 44);
    CHECK(code_of([&] { (void)floats.cast(DType::string); }) == Code::input);
}

TEST_CASE("every float16 survives the way through float32") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float16 half{static_cast<std::uint16_t>(bits)};
        const float wide = to_float(half);
        if (std::isnan(wide)) CHECK(std::isnan(to_float(to_float16(wide))));
        else if (to_float16(wide).bits != bits) FAIL("float16 " << bits << " came back as " << to_float16(wide).bits);
    }
}

TEST_CASE("float16 and bfloat16 round to nearest even, as numpy and TensorFlow do") {
    CHECK(to_float16(1.0F + 0x1p-11F).bits == 0x3c00);             // tie, to even
    CHECK(to_float16(1.0F + 0x1p-11F + 0x1p-20F).bits == 0x3c01);  // above the tie
    CHECK(to_float16(65519.0F).bits == 0x7bff);                    // largest that stays finite
    CHECK(to_float16(65520.0F).bits == 0x7c00);
    CHECK(to_float16(0x1p-25F).bits == 0x0000);  // half of the smallest subnormal: tie, to even
    CHECK(to_float16(0x1.8p-25F).bits == 0x0001);
    CHECK(to_float16(-0.0F).bits == 0x8000);
    CHECK(to_bfloat16(1.0F + 0x1p-8F).bits == 0x3f80);
    CHECK(to_bfloat16(1.0F + 0x1p-8F + 0x1p-16F).bits == 0x3f81);
    CHECK(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("rows are copied out of numbers and strings") {
    const Tensor numbers = Tensor::from({3, 2}, std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
    const Tensor middle = numbers.rows(1, 2);
    CHECK(middle.shape() == Shape{1, 2});
    CHECK(middle.values<std::int64_t>()[1] == 4);
    const Tensor words = Tensor::strings({2}, {"a", "b"});
    CHECK(words.rows(1, 2).string_values() == std::vector<std::string>{"b"});
    CHECK(code_of([&] { (void)numbers.rows(2, 4); }) == Code::usage);
}

TEST_CASE("reshaping keeps bytes and the number of elements") {
    const Tensor tensor = Tensor::from({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(tensor.reshaped({3, 2}).data() == tensor.data());
    CHECK(code_of([&] { (void)tensor.reshaped({4, 2}); }) == Code::shape);
}

TEST_CASE("identical compares bits") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(identical(Tensor::from({1}, std::vector<float>{nan}), Tensor::from({1}, std::vector<float>{nan})));
    CHECK_FALSE(identical(Tensor::from({1}, std::vector<float>{0.0F}), Tensor::from({1}, std::vector<float>{-0.0F})));
    CHECK_FALSE(identical(Tensor(DType::float32, {1}), Tensor(DType::float32, {1, 1})));
}
