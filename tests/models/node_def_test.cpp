#include <catch2/catch.hpp>

#include "models/node_def.hpp"
#include "models/protobuf.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::code_of;

namespace {

const Value* attribute(const NodeDef& node, std::string_view name) {
    for (const auto& [key, value] : node.attributes)
        if (key == name) return &value;
    return nullptr;
}

// As TensorFlow wrote it: a MaxPool with strides [1, 2, 2, 1], padding "SAME" and T = DT_FLOAT.
const std::string max_pool =
    "\n\x04pool\x12\x07MaxPool\x1a\x01x"
    "*\x13\n\x07strides\x12\x08\n\x06\x1a\x04\x01\x02\x02\x01"
    "*\x11\n\x07padding\x12\x06\x12\x04SAME"
    "*\x07\n\x01T\x12\x02\x30\x01";

}  // namespace

TEST_CASE("a NodeDef means the same in its binary and its JSON form") {
    const Value json = Value::object(
        {{"op", "MaxPool"},
         {"input", Value::array({"x"})},
         {"attr",
          Value::object(
              {{"strides", Value::object({{"list", Value::object({{"i", Value::array({"1", "2", "2", "1"})}})}})},
               {"padding", Value::object({{"s", "U0FNRQ=="}})},
               {"T", Value::object({{"type", "DT_FLOAT"}})}})}});
    for (const NodeDef& node : {parse_node_def(max_pool), parse_node_def(json)}) {
        CHECK(node.op == "MaxPool");
        CHECK(node.inputs == 1);
        REQUIRE(node.attributes.size() == 3);
        CHECK(*attribute(node, "strides") == Value::array({1, 2, 2, 1}));
        CHECK(*attribute(node, "padding") == Value("SAME"));
        CHECK(*attribute(node, "T") == Value("float32"));
    }
}

TEST_CASE("a NodeDef that is cut off anywhere is an error or lacks what was cut") {
    for (std::size_t size = 0; size < max_pool.size(); ++size) {
        const auto code = code_of([&] { parse_node_def(max_pool.substr(0, size)); });
        CHECK((!code || code == Code::format));
    }
    CHECK(code_of([] { parse_node_def(std::string()); }) == Code::format);
    CHECK(code_of([] { parse_node_def(Value(7)); }) == Code::format);
    CHECK(code_of([] { parse_node_def(Value::object({{"input", Value::array({})}})); }) == Code::format);
}

TEST_CASE("protobuf numbers end within ten bytes and fields within the message") {
    CHECK(code_of([] { ProtobufReader(std::string(11, '\xff')).next(); }) == Code::format);
    CHECK(code_of([] { ProtobufReader("\x12\x7fshort").next(); }) == Code::format);
    CHECK(code_of([] { ProtobufReader("\x13").next(); }) == Code::format);  // a group
    ProtobufReader reader("\x08\x96\x01");
    REQUIRE(reader.next());
    CHECK(reader.field() == 1);
    CHECK(reader.number() == 150);
    CHECK(code_of([&] { reader.bytes(); }) == Code::format);
    CHECK_FALSE(reader.next());
}
