// Operations on tensors: broadcasting, transposition, einsum, concatenation, softmax.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/moments.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/transpose.hpp"
#include "models/error.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

Tensor ramp(const Shape& shape, double first = 0) {
    Tensor tensor(DType::float64, shape);
    const auto values = tensor.mutable_values<double>();
    std::iota(values.begin(), values.end(), first);
    return tensor;
}

std::vector<double> numbers(const Tensor& tensor) {
    return {tensor.values<double>().begin(), tensor.values<double>().end()};
}

Tensor plus(const Tensor& a, const Tensor& b) {
    Tensor y(DType::float64, ops::broadcast_shape(a.shape(), b.shape()));
    ops::binary<double>(a, b, y, std::plus<>());
    return y;
}

}  // namespace

TEST_CASE("broadcasting follows numpy") {
    CHECK(ops::broadcast_shape({3, 1}, {2, 1, 4}) == Shape{2, 3, 4});
    CHECK(ops::broadcast_shape({Shape::unknown, 3}, {1, 3}) == Shape{Shape::unknown, 3});
    CHECK(ops::broadcast_shape({Shape::unknown}, {4}) == Shape{Shape::unknown});
    CHECK_THROWS_WITH(ops::broadcast_shape({2, 3}, {2}),
                      "inputs of shapes (2, 3) and (2,) cannot be broadcast together");
    CHECK(numbers(plus(ramp({2, 1}), ramp({1, 3}, 10))) == std::vector<double>{10, 11, 12, 11, 12, 13});
    CHECK(numbers(plus(ramp({2, 2, 2}), ramp({2, 1}, 10))) == std::vector<double>{10, 11, 13, 14, 14, 15, 17, 18});
    CHECK(numbers(plus(ramp({}), ramp({}, 5))) == std::vector<double>{5});
    CHECK(plus(ramp({0, 3}), ramp({3})).elements() == 0);
}

TEST_CASE("an operand of a binary operation may be its result") {
    Tensor y = ramp({2, 2}), copy = y;
    ops::binary<double>(y, ramp({2}, 1), y, std::multiplies<>());
    CHECK(numbers(y) == std::vector<double>{0, 2, 2, 6});
    CHECK(numbers(copy) == std::vector<double>{0, 1, 2, 3});
}

TEST_CASE("transposition moves elements of any dtype") {
    CHECK(numbers(ops::transpose(ramp({2, 3}), {1, 0})) == std::vector<double>{0, 3, 1, 4, 2, 5});
    const Tensor moved = ops::transpose(ramp({2, 3, 4}), {2, 0, 1});
    CHECK(moved.shape() == Shape{4, 2, 3});
    CHECK(identical(ops::transpose(moved, ops::inverse({2, 0, 1})), ramp({2, 3, 4})));
    const Tensor words = Tensor::strings({2, 2}, {"a", "b", "c", "d"});
    CHECK(ops::transpose(words, {1, 0}).string_values() == std::vector<std::string>{"a", "c", "b", "d"});
    CHECK(ops::to_back({0, 2}, 4) == ops::Permutation{1, 3, 0, 2});
}

TEST_CASE("concatenation") {
    CHECK(numbers(ops::concatenate({ramp({2, 1}), ramp({2, 2}, 10)}, 1)) == std::vector<double>{0, 10, 11, 1, 12, 13});
    const Tensor words = Tensor::strings({1}, {"a"});
    CHECK(ops::concatenate({words, words}, 0).string_values() == std::vector<std::string>{"a", "a"});
    CHECK_THROWS_AS(ops::concatenate({ramp({2, 1}), ramp({3, 1})}, 1), Error);
}

TEST_CASE("einsum") {
    const auto product = [](const std::string& equation, const Tensor& a, const Tensor& b) {
        return ops::einsum(ops::parse_einsum(equation, a.shape().rank(), b.shape().rank()), a, b);
    };
    CHECK(numbers(product("ab,bc->ac", ramp({2, 2}), ramp({2, 2}))) == std::vector<double>{2, 3, 6, 11});
    CHECK(numbers(product("ab,bc->ca", ramp({2, 2}), ramp({2, 2}))) == std::vector<double>{2, 6, 3, 11});
    CHECK(numbers(product("ab,ab->a", ramp({2, 2}), ramp({2, 2}))) == std::vector<double>{1, 13});
    CHECK(numbers(product("a,b->ab", ramp({2}), ramp({2}, 5))) == std::vector<double>{0, 0, 5, 6});
    CHECK(numbers(product("ab,c->c", ramp({2, 2}), ramp({2}, 1))) == std::vector<double>{6, 12});
    CHECK(product("...x,xy->...y", ramp({2, 3, 4}), ramp({4, 5})).shape() == Shape{2, 3, 5});
    CHECK(product("a...,ab->b...", ramp({2, 3, 4}), ramp({2, 5})).shape() == Shape{5, 3, 4});
    CHECK_THROWS_AS(ops::parse_einsum("ab,bc", 2), Error);
    CHECK_THROWS_AS(ops::parse_einsum("aa,ab->b", 2), Error);
    CHECK_THROWS_AS(ops::parse_einsum("ab,bc->ad", 2), Error);
    CHECK_THROWS_AS(ops::parse_einsum("ab,bc->ac", 3), Error);
    CHECK_THROWS_WITH(product("ab,bc->ac", ramp({2, 2}), ramp({3, 2})),
                      "operands (2, 2) and (3, 2) differ in an axis they share");
}

TEST_CASE("softmax over several axes is joint, and masks leave elements out") {
    Tensor y = ramp({2, 2, 2});
    ops::softmax(y, {0, 2});
    const std::vector<double> p = numbers(y);
    CHECK(p[0] + p[1] + p[4] + p[5] == Approx(1));
    CHECK(p[1] / p[0] == Approx(std::exp(1)));
    CHECK(p[5] / p[0] == Approx(std::exp(5)));
    Tensor masked = ramp({2, 2});
    const Tensor mask = Tensor::from(Shape{2, 2}, std::vector<std::uint8_t>{1, 0, 1, 1}).cast(DType::boolean);
    ops::push_down_masked(masked, mask, DType::float32);
    ops::softmax(masked, {1});
    CHECK(numbers(masked)[0] == Approx(1));
    CHECK(numbers(masked)[3] == Approx(1 / (1 + std::exp(-1))));
    Tensor column = ramp({3, 1});  // Keras spreads it over (3, 3), one batch entry over the others
    CHECK(test::code_of([&] { ops::fill_masked(column, Tensor(DType::boolean, {3}), 0); }) == Code::unsupported);
}

TEST_CASE("a row without anything left is uniform in half precision, too") {
    for (const DType dtype : {DType::float16, DType::bfloat16, DType::float32}) {
        Tensor masked = ramp({1, 4}).cast(DType::float32);
        ops::push_down_masked(masked, Tensor(DType::boolean, {1, 1}), dtype);
        ops::softmax(masked, {1});
        CHECK(numbers(masked.cast(DType::float64)) == std::vector<double>(4, 0.25));
    }
}

TEST_CASE("softmax of infinities and NaN") {
    const double inf = std::numeric_limits<double>::infinity();
    Tensor y = Tensor::from(Shape{2, 2}, std::vector<double>{-inf, 0, NAN, 1});
    ops::softmax(y, {1});
    CHECK(numbers(y)[0] == 0);
    CHECK(numbers(y)[1] == 1);
    CHECK(std::isnan(numbers(y)[2]));
    CHECK(std::isnan(numbers(y)[3]));
}

TEST_CASE("normalization along axes") {
    Tensor y = ramp({2, 2});
    ops::standardize(y, {0}, 0);
    CHECK(numbers(y) == std::vector<double>{-1, -1, 1, 1});
    Tensor unit = Tensor::from(Shape{2, 2}, std::vector<double>{3, 4, 0, 0});
    ops::l2_normalize(unit, {1}, 1e-12);
    CHECK(numbers(unit)[0] == Approx(0.6));
    CHECK(numbers(unit)[3] == 0);
    Tensor rms = Tensor::from(Shape{1, 2}, std::vector<double>{3, 4});
    ops::divide_by_rms(rms, {1}, 0);
    CHECK(numbers(rms)[1] == Approx(4 / std::sqrt(12.5)));
}
