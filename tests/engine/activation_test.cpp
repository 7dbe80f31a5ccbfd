#include "engine/ops/activation.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "models/error.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

Activation read(const Value& value, Dialect dialect = Dialect::keras3) {
    Activation out;
    REQUIRE(ConfigField<Activation>::read(value, out, dialect));
    CHECK(ConfigField<Activation>::write(out) == value);
    return out;
}

double apply(const Activation& activation, double x) {
    Tensor y = Tensor::from(Shape{1, 1}, std::vector<double>{x});
    ops::apply(activation, y);
    return y.values<double>()[0];
}

double apply(const std::string& name, double x) { return apply(activation_named(name, Dialect::keras3), x); }

std::string complaint(const Value& value) {
    Activation out;
    return test::complaint_of([&] { ConfigField<Activation>::read(value, out, Dialect::keras3); });
}

Value layer(const std::string& class_name, const Value& config) {
    return Value::object({{"class_name", class_name}, {"config", config}});
}

}  // namespace

TEST_CASE("activations stay finite and exact far out") {
    CHECK(apply("sigmoid", -800) == 0);
    CHECK(apply("sigmoid", 800) == 1);
    CHECK(apply("softplus", 800) == 800);
    CHECK(apply("softplus", -800) == 0);
    CHECK(apply("log_sigmoid", -800) == -800);
    CHECK(apply("gelu", -38) == Approx(-38 * 0.5 * std::erfc(38 / std::sqrt(2.0))));
    CHECK(apply("mish", 800) == 800);
    CHECK(apply("elu", -inf) == -1);
    CHECK(apply("silu", -800) == Approx(0));
}

TEST_CASE("NaN goes through activations as in TensorFlow") {
    for (const char* name :
         {"relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softplus", "elu", "selu", "gelu", "mish", "hard_sigmoid",
          "hard_tanh", "silu", "softsign", "celu", "sparse_plus", "squareplus"}) {
        CAPTURE(name);
        CHECK(std::isnan(apply(name, NAN)));
    }
    CHECK(apply("hard_shrink", NAN) == 0);
}

TEST_CASE("hard_sigmoid means what it meant to the writer") {
    CHECK(apply(read("hard_sigmoid", Dialect::keras2), 1) == Approx(0.7));
    CHECK(apply(read("hard_sigmoid", Dialect::keras3), 1) == Approx(4.0 / 6));
}

TEST_CASE("activations in configs") {
    CHECK(apply(read(nullptr), -3) == -3);
    CHECK(apply(read("swish"), 1) == Approx(1 / (1 + std::exp(-1))));
    const Value function = Value::object(
        {{"module", "builtins"}, {"class_name", "function"}, {"config", "relu6"}, {"registered_name", "function"}});
    CHECK(apply(read(function), 9) == 6);
    CHECK(apply(read(layer("LeakyReLU", Value::object({{"name", "l"}, {"alpha", 0.5}}))), -2) == -1);
    CHECK(apply(read(layer("LeakyReLU", Value::Object{})), -10) == Approx(-3));
    CHECK(apply(read(layer("ELU", Value::object({{"alpha", 2.0}}))), -inf) == -2);
    const Value relu = layer("ReLU", Value::object({{"max_value", 4}, {"negative_slope", 0.5}, {"threshold", 1}}));
    CHECK(apply(read(relu), 9) == 4);
    CHECK(apply(read(relu), -1) == -1);
    CHECK(apply(read(relu), 1) == 0);
    CHECK(ConfigField<Activation>::write({.id = Activation::Id::silu}) == Value("silu"));
    Activation untouched;
    CHECK_FALSE(ConfigField<Activation>::read(3, untouched, Dialect::keras3));
}

TEST_CASE("what an activation refuses") {
    CHECK(complaint("reluu") == "unsupported: unknown activation 'reluu' (did you mean 'relu'?)");
    CHECK(complaint(layer("PReLU", Value::Object{})) ==
          "unsupported: PReLU as the activation of another layer has weights of its own");
    CHECK(complaint(layer("ReLU", Value::object({{"max_value", -1}}))).find("must be zero or more") !=
          std::string::npos);
    CHECK(complaint(layer("ReLU", Value::object({{"slope", 1}}))).find("'slope' is unknown") != std::string::npos);
}

TEST_CASE("glu halves the last axis") {
    const Activation glu = activation_named("glu", Dialect::keras3);
    CHECK(activated_shape(glu, {2, 6}) == Shape{2, 3});
    CHECK(activated_shape(glu, {2, Shape::unknown}) == Shape{2, Shape::unknown});
    CHECK_THROWS_WITH(activated_shape(glu, {2, 5}), "glu wants an even last dimension, found shape (2, 5)");
    Tensor y = Tensor::from(Shape{1, 4}, std::vector<double>{1, 2, 0, inf});
    ops::apply(glu, y);
    CHECK(y.shape() == Shape{1, 2});
    CHECK(y.values<double>()[0] == 0.5);
    CHECK(y.values<double>()[1] == 2);
}
