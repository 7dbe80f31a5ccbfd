#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "formats/json/text.hpp"
#include "models/error.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using formats::parse_json;

namespace {

std::string slice(const Config& config, const Value& value) {
    return config.source()->substr(value.span().begin, value.span().end - value.span().begin);
}

std::optional<Code> code_of(const std::string& text) {
    return test::code_of([&] { parse_json(text); });
}

std::string complaint(const std::string& text) {
    return test::message_of([&] { parse_json(text); });
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("every value knows its slice of the source") {
    const Config config = parse_json(" {\"a\" : [1, -2.50e1 ,\"x\\\"]\"], \"b\":{ \"c\":null},\n\"d\":true } ");
    const Value& root = config.value();
    CHECK(slice(config, root) == "{\"a\" : [1, -2.50e1 ,\"x\\\"]\"], \"b\":{ \"c\":null},\n\"d\":true }");
    CHECK(slice(config, *root.find("a")) == "[1, -2.50e1 ,\"x\\\"]\"]");
    CHECK(slice(config, (*root.find("a")->array())[0]) == "1");
    CHECK(slice(config, (*root.find("a")->array())[1]) == "-2.50e1");
    CHECK(slice(config, (*root.find("a")->array())[2]) == "\"x\\\"]\"");
    CHECK(slice(config, *root.find("b")) == "{ \"c\":null}");
    CHECK(slice(config, *root.find("b")->find("c")) == "null");
    CHECK(slice(config, *root.find("d")) == "true");
}

TEST_CASE("empty containers and strings have slices") {
    const Config config = parse_json("[[], {}, \"\"]");
    const Value::Array& items = *config.value().array();
    CHECK(slice(config, items[0]) == "[]");
    CHECK(slice(config, items[1]) == "{}");
    CHECK(slice(config, items[2]) == "\"\"");
}

TEST_CASE("Python's NaN and Infinity are numbers outside strings") {
    const Config config = parse_json("[NaN, Infinity, -Infinity, \"NaN Infinity\", {\"NaN\": NaN}]");
    const Value::Array& items = *config.value().array();
    CHECK(std::isnan(*items[0].number()));
    CHECK(*items[1].number() == std::numeric_limits<double>::infinity());
    CHECK(*items[2].number() == -std::numeric_limits<double>::infinity());
    CHECK(*items[3].string() == "NaN Infinity");
    CHECK(std::isnan(*items[4].find("NaN")->number()));
    CHECK(slice(config, items[2]) == "-Infinity");
}

TEST_CASE("words glued to Python's numbers are no numbers") {
    CHECK(code_of("[1NaN]") == Code::format);
    CHECK(code_of("[-NaN]") == Code::format);
    CHECK(code_of("[NaN1]") == Code::format);
    CHECK(code_of("[1Infinity]") == Code::format);
    CHECK(code_of("[InfinityInfinity]") == Code::format);
    CHECK(code_of("{NaN: 1}") == Code::format);
}

TEST_CASE("integers stay integers up to 64 bits and become doubles beyond") {
    const Config config =
        parse_json("[9223372036854775807, -9223372036854775808, 9223372036854775808, 1e2, 36893488147419103232]");
    const Value::Array& items = *config.value().array();
    CHECK(*items[0].integer() == std::numeric_limits<std::int64_t>::max());
    CHECK(*items[1].integer() == std::numeric_limits<std::int64_t>::min());
    CHECK(*items[2].number() == 0x1p63);
    CHECK(*items[3].number() == 100);
    CHECK(*items[4].number() == 0x1p65);
}

TEST_CASE("a key that occurs twice is kept twice, the last one counts") {
    const Config config = parse_json(R"({"a": 1, "b": 2, "a": 3})");
    CHECK(config.value().object()->size() == 3);
    CHECK(*config.find("a")->integer() == 3);
}

TEST_CASE("nesting is limited, and deep input does not overflow the stack") {
    CHECK(code_of(nested(100)) == std::nullopt);
    CHECK(code_of(nested(101)) == Code::refused);
    CHECK(code_of(nested(1000000)) == Code::refused);
    CHECK(complaint(nested(101)) == "line 1, column 101: JSON is nested deeper than 100 levels");
}

TEST_CASE("malformed JSON is refused with its place") {
    CHECK(code_of("") == Code::format);
    CHECK(code_of(" \n") == Code::format);
    CHECK(code_of("{\"a\": 1} x") == Code::format);
    CHECK(code_of("[1,]") == Code::format);
    CHECK(code_of("{\"a\"}") == Code::format);
    CHECK(code_of("[1") == Code::format);
    CHECK(code_of("\"abc") == Code::format);
    CHECK(code_of("[\"\x01\"]") == Code::format);
    CHECK(complaint("{\"a\":\n  nope}").starts_with("line 2, column 4: not valid JSON: invalid literal"));
}

TEST_CASE("other encodings than UTF-8 are refused by name") {
    CHECK(complaint("[\"\xff\xfe\"]").find("ill-formed UTF-8") != std::string::npos);
    CHECK(complaint("\xef\xbb\xbf{}") == "wanted JSON in plain UTF-8, found a byte order mark");
    CHECK(complaint(std::string("\xff\xfe{\0}\0", 6)).find("UTF-16") != std::string::npos);
    CHECK(complaint(std::string("{\0\"\0", 4)).find("UTF-16") != std::string::npos);
}

TEST_CASE("escapes are decoded, the slice keeps them") {
    const Config config = parse_json(R"(["\u00e9\ud83d\ude00\n"])");
    CHECK(*(*config.value().array())[0].string() == "é😀\n");
    CHECK(slice(config, (*config.value().array())[0]) == R"("\u00e9\ud83d\ude00\n")");
}
