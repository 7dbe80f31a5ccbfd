#include <catch2/catch.hpp>

#include "models/error.hpp"
#include "models/shape.hpp"

using namespace layerctl;

TEST_CASE("shapes print as Python tuples") {
    CHECK(Shape{}.text() == "()");
    CHECK(Shape{7}.text() == "(7,)");
    CHECK((Shape{Shape::unknown, 3}).text() == "(None, 3)");
}

TEST_CASE("unknown dimensions are compatible with anything of the same rank") {
    const Shape declared{Shape::unknown, 3};
    CHECK(declared.is_compatible_with({8, 3}));
    CHECK(declared.is_compatible_with({0, 3}));
    CHECK_FALSE(declared.is_compatible_with({8, 4}));
    CHECK_FALSE(declared.is_compatible_with({8, 3, 1}));
}

TEST_CASE("axes count from either end") {
    CHECK(resolve_axis(-1, 4) == 3);
    CHECK(resolve_axis(1, 4) == 1);
    CHECK_THROWS_AS(resolve_axis(4, 4), Error);
    CHECK_THROWS_AS(resolve_axis(-5, 4), Error);
}

TEST_CASE("element counts check overflow") {
    CHECK(Shape{}.elements() == 1);
    CHECK((Shape{4, 0, 3}).elements() == 0);
    CHECK_THROWS_AS((Shape{std::int64_t{1} << 32, std::int64_t{1} << 32}).elements(), Error);
}
