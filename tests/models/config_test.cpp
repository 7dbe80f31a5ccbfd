#include <catch2/catch.hpp>

#include "models/config_io.hpp"

using namespace layerctl;

namespace {

enum class Padding { valid, same };
constexpr EnumName<Padding> padding_names[] = {{Padding::valid, "valid"}, {Padding::same, "same"}};

struct Fields {
    std::int64_t filters = 0;
    std::vector<std::int64_t> strides = {1, 1};
    double slope = 0.3;
    bool use_bias = true;
    std::optional<std::int64_t> seed;
    Padding padding = Padding::valid;

    void config(ConfigIo& io) {
        io.required("filters", filters, positive);
        io.optional("strides", per_axis(strides, 2), positive);
        io.optional({"negative_slope", "alpha"}, slope);
        io.optional("use_bias", use_bias);
        io.optional("seed", seed);
        io.optional("padding", padding);
        io.ignored("momentum");
        io.only("sparse", false);
    }
};

std::vector<std::string> read(Fields& fields, const Config& config) {
    ConfigReader reader(config, Dialect::keras3);
    fields.config(reader);
    reader.finish();
    std::vector<std::string> messages;
    for (const Error& error : reader.problems().errors()) messages.push_back(error.what());
    return messages;
}

}  // namespace

template <>
struct layerctl::ConfigField<Padding> : ConfigEnum<Padding, padding_names> {};

TEST_CASE("a config is read into its fields") {
    Fields fields;
    const auto problems = read(fields, {{"name", "c"},
                                        {"filters", 8},
                                        {"strides", 2},
                                        {"alpha", 1},
                                        {"use_bias", false},
                                        {"seed", nullptr},
                                        {"padding", "same"},
                                        {"momentum", 0.5},
                                        {"sparse", false}});
    CHECK(problems.empty());
    CHECK(fields.filters == 8);
    CHECK(fields.strides == std::vector<std::int64_t>{2, 2});
    CHECK(fields.slope == 1.0);
    CHECK_FALSE(fields.use_bias);
    CHECK(fields.padding == Padding::same);
}

TEST_CASE("every problem of a config is reported, with what was wanted and found") {
    Fields fields;
    const auto problems = read(
        fields,
        {{"strides", Value::array({1, 2, 3})}, {"use_bias", 1}, {"padding", "full"}, {"sparse", true}, {"groups", 2}});
    REQUIRE(problems.size() == 6);
    CHECK(problems[0] == "config key 'filters': wanted an integer, it is missing");
    CHECK(problems[1] == "config key 'strides': wanted an integer or a list of 2 integers, found [1, 2, 3]");
    CHECK(problems[2] == "config key 'use_bias': wanted true or false, found 1");
    CHECK(problems[3] == "config key 'padding': wanted one of 'valid', 'same', found \"full\"");
    CHECK(problems[4] == "config key 'sparse': only false is supported, found true");
    CHECK(problems[5] == "config key 'groups' is unknown and might change the result, found 2");
}

TEST_CASE("checks name the range") {
    Fields fields;
    CHECK(read(fields, {{"filters", 0}}) ==
          std::vector<std::string>{"config key 'filters': must be positive, found 0"});
    CHECK(read(fields, {{"filters", 2.0}}) ==
          std::vector<std::string>{"config key 'filters': wanted an integer, found 2.0"});
}

TEST_CASE("writing keeps unknown members and the spelling that was there") {
    Fields fields;
    const Config config{{"name", "c"}, {"custom", "x"}, {"filters", 8}, {"alpha", 0.5}};
    read(fields, config);
    fields.filters = 9;
    ConfigWriter writer(config.value(), Dialect::keras3);
    fields.config(writer);
    CHECK(to_json(writer.value()) ==
          R"({"name": "c", "custom": "x", "filters": 9, "alpha": 0.5, "strides": [1, 1], "use_bias": true, )"
          R"("padding": "valid"})");
}

TEST_CASE("JSON is written as Python writes it") {
    CHECK(to_json(1e15) == "1000000000000000.0");
    CHECK(to_json(1e16) == "1e+16");
    CHECK(to_json(0.0001) == "0.0001");
    CHECK(to_json(0.00001) == "1e-05");
    CHECK(to_json(std::numeric_limits<double>::quiet_NaN()) == "NaN");
    CHECK(to_json(-std::numeric_limits<double>::infinity()) == "-Infinity");
    CHECK(to_json("é\n\"😀") == R"("\u00e9\n\"\ud83d\ude00")");
    CHECK(to_json(Value::array({1, nullptr, true})) == "[1, null, true]");
}
