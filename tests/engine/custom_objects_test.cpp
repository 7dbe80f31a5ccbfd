// Custom-objects files: what is wrong with one, where it says so, and what is refused.
#include <catch2/catch.hpp>

#include "api/layerctl.hpp"
#include "engine/custom_objects.hpp"
#include "formats/json/text.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;

namespace {

std::string complaint(const std::string& json) {
    return complaint_of([&] { parse_custom_objects(formats::parse_json(json), "c.json"); });
}

Value layers(const char* name, Value definition) {
    return Value::object({{"layers", Value::object({{name, std::move(definition)}})}});
}

/// A layer with a config value `units` and a weight `w`, and that member besides.
std::string linear(const char* key, Value value) {
    const Value weight = Value::object({{"name", "w"}, {"shape", Value::array({"x.shape[-1]", "units"})}});
    Value definition = Value::object({{"config", Value::object({{"units", nullptr}})},
                                      {"weights", Value::array({weight})},
                                      {"call", "matmul(x, w)"}});
    definition.set(key, std::move(value));
    return to_json(layers("Linear", definition));
}

std::string function(const std::string& body) {
    return to_json(Value::object({{"functions", Value::object({{"f", body}})}}));
}

Model one_layer(const std::string& class_name, const Config& config, const std::string& custom) {
    Sequential net("net");
    net.input({4}).add(class_name, config);
    LoadOptions options;
    options.custom_objects_json = custom;
    return net.build(1, options);
}

std::vector<float> result(const std::string& call, const std::vector<float>& x) {
    const Model model = one_layer("Own", {}, to_json(layers("Own", Value::object({{"call", call}}))));
    const Tensor y = model.predict({Tensor::from(Shape{1, 4}, x)}).front();
    const auto values = y.values<float>();
    return {values.begin(), values.end()};
}

bool mentions(const std::string& text, const char* part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an error names file, pointer and column, and the nearest name") {
    CHECK(
        complaint(linear("call", "matmul(x, v)")) ==
        "config: c.json: /layers/Linear/call: column 11: 'v' is not a weight, input, config value or constant of this "
        "layer (there are x, w, units)");
    CHECK(
        complaint(linear("call", Value::array({"y = matmull(x, w)", "y"}))) ==
        "config: c.json: /layers/Linear/call/0: column 5: 'matmull' is not a sub-layer or function of this layer (did "
        "you mean 'matmul'?)");
    CHECK(complaint(linear("call", "x +")) ==
          "config: c.json: /layers/Linear/call: column 4: wanted a value, found the end");
    CHECK(complaint(linear("cal", "x")) ==
          "config: c.json: /layers/Linear: member 'cal' is unknown (did you mean 'call'?)");
    CHECK(complaint("{\"layer\": {}}") == "config: c.json: member 'layer' is unknown (did you mean 'layers'?)");
    CHECK(complaint(function("tf.math.powr(x, 2)")) ==
          "config: c.json: /functions/f: column 1: 'tf.math.powr' is not a sub-layer or function of this function (did "
          "you mean 'tf.math.pow'?)");
}

TEST_CASE("what is outside the subset is refused where it stands") {
    const auto column = [](const std::string& body) {
        const std::string text = complaint(function(body));
        const std::size_t at = text.find("column ");
        return at == std::string::npos ? text : text.substr(at);
    };
    CHECK(column("[y for y in x]") == "column 4: wanted ',', found 'for'");
    CHECK(column("lambda y: y") == "column 1: 'lambda' is not supported here");
    CHECK(mentions(column("x.numpy()"), "column 1: 'x.numpy' is not a sub-layer or function of this function"));
    CHECK(column("1 < x < 2") == "column 7: comparisons cannot be chained");
    CHECK(column("x & 1") == "column 3: '&' is not part of an expression");
    CHECK(column("9223372036854775808 * x") == "column 1: the number 9223372036854775808 does not fit 64 bits");
    CHECK(column("x; x") == "column 2: wanted the end, found ';'");
    CHECK(mentions(column("y.shape"), "column 1: 'y' is not a weight, input, config value or constant"));
    CHECK(mentions(column("f(x)"), "/functions/f: calls itself"));
}

TEST_CASE("sizes of expressions are limited") {
    CHECK(complaint(function(std::string(150, '(') + "x" + std::string(150, ')'))).starts_with("refused:"));
    std::string sum = "x";
    for (int i = 0; i < 300; ++i) sum += " + x";
    CHECK(complaint(function(sum)).starts_with("refused:"));
    Value doubling = Value::object({{"f0", "x + x"}});
    for (int i = 1; i < 30; ++i) {
        const std::string inner = "f" + std::to_string(i - 1) + "(x)";
        doubling.set("f" + std::to_string(i), inner + " + " + inner);
    }
    CHECK(mentions(complaint(to_json(Value::object({{"functions", doubling}}))), "more than 131072 operations"));
}

TEST_CASE("layers that own themselves are refused") {
    const auto owner = [](const char* class_name) {
        const Value owned = Value::object({{"class_name", class_name}});
        return Value::object({{"layers", Value::object({{"inner", owned}})}, {"call", "inner(x)"}});
    };
    const Value both = Value::object({{"A", owner("B")}, {"B", owner("A")}});
    CHECK(mentions(complaint(to_json(Value::object({{"layers", both}}))), "owns itself"));
}

TEST_CASE("Python's operators mean what they mean in Python") {
    const std::vector<float> x = {1, -2, 3, 0.5F};
    CHECK(result("x * (7 // -2 + -7 % 3)", x) == std::vector<float>{-2, 4, -6, -1});
    CHECK(result("x * (2 ** -1) if 1 < 2 and not 'a' == 'b' else x", x) == std::vector<float>{0.5F, -1, 1.5F, 0.25F});
    CHECK(result("x * -2 ** 2", x) == std::vector<float>{-4, 8, -12, -2});
    CHECK(result("x * len(x.shape[1:] + (2, 3))", x) == std::vector<float>{3, -6, 9, 1.5F});
    CHECK(result("x * 3 if None is not None else -x", x) == std::vector<float>{-1, 2, -3, -0.5F});
}

TEST_CASE("a config key the definition does not name is refused, a missing one too") {
    const std::string custom = linear("call", "matmul(x, w)");
    CHECK(one_layer("Linear", {{"units", 3}}, custom).count_params() == 12);
    CHECK(mentions(complaint_of([&] {
                       one_layer("Linear", {{"units", 3}, {"rank", 2}}, custom);
                   }),
                   "config key 'rank' is unknown"));
    CHECK(mentions(complaint_of([&] { one_layer("Linear", {}, custom); }),
                   "config key 'units': wanted any value, it is missing"));
    const std::string lenient = linear("ignore", Value::array({"rank"}));
    CHECK(one_layer("Linear", {{"units", 3}, {"rank", 2}}, lenient).count_params() == 12);
}

TEST_CASE("errors of shapes name the place in the expression") {
    CHECK(complaint_of([&] {
              one_layer("Linear", {{"units", 3}}, linear("call", "matmul(w, w)"));
          }) ==
          "shape: layer 'linear' (Linear): custom objects: /layers/Linear/call: column 1: shapes (4, 3) and (4, 3) "
          "cannot be multiplied");
}

TEST_CASE("an alias presets config values, and the model's own win") {
    const auto alias = [](const char* class_name) {
        const Value target = Value::object({{"class_name", class_name}, {"config", Value::object({{"units", 3}})}});
        return to_json(layers("Wide", Value::object({{"alias", target}})));
    };
    CHECK(one_layer("Wide", {}, alias("Dense")).output_shape() == Shape{Shape::unknown, 3});
    CHECK(one_layer("Wide", {{"units", 5}}, alias("Dense")).output_shape() == Shape{Shape::unknown, 5});
    CHECK(complaint(alias("Dens")) ==
          "config: c.json: /layers/Wide: alias of the unknown class 'Dens' (did you mean 'Dense'?)");
}

TEST_CASE("an activation that changes the shape is refused") {
    const Model model = one_layer("Dense", {{"units", 3}, {"activation", "f"}}, function("sum(x, axis=-1)"));
    CHECK(mentions(complaint_of([&] {
                       model.predict({Tensor(DType::float32, {1, 4})});
                   }),
                   "an activation that returns"));
}
