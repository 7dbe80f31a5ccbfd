#include <catch2/catch.hpp>

#include "formats/json/text.hpp"
#include "models/error.hpp"
#include "models/model_spec.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

ModelSpec parse(const std::string& json, Dialect dialect = Dialect::keras2) {
    return parse_model(formats::parse_json(json), dialect);
}

std::string complaint(const std::string& json) {
    return test::message_of([&] { parse(json); });
}

std::string functional(const std::string& layers, const std::string& inputs = R"([["a", 0, 0]])",
                       const std::string& outputs = R"([["d", 0, 0]])") {
    return R"({"class_name": "Functional", "config": {"name": "m", "layers": [)" + layers + R"(], "input_layers": )" +
           inputs + R"(, "output_layers": )" + outputs + "}}";
}

const std::string input_a =
    R"({"class_name": "InputLayer", "config": {"name": "a"}, "name": "a", "inbound_nodes": []})";

std::string dense(const std::string& name, const std::string& nodes) {
    return R"({"class_name": "Dense", "config": {"name": ")" + name + R"(", "units": 2}, "name": ")" + name +
           R"(", "inbound_nodes": )" + nodes + "}";
}

const std::string nested = R"({"class_name": "Functional", "name": "sub", "config": {"name": "sub", "layers": [)" +
                           input_a + "," + dense("d", R"([[["a", 0, 0, {}]]])") +
                           R"(], "input_layers": [["a", 0, 0]], "output_layers": [["d", 0, 0]]}, )";

}  // namespace

TEST_CASE("list and object forms of inbound nodes say the same") {
    const ModelSpec legacy = parse(functional(input_a + "," + dense("d", R"([[["a", 0, 0, {}]], [["a", 0, 0, {}]]])")));
    const ModelSpec keras3 =
        parse(functional(input_a + "," + dense("d", R"([{"args": [{"class_name": "__keras_tensor__",
        "config": {"shape": [null, 2], "dtype": "float32", "keras_history": ["a", 0, 0]}}], "kwargs": {"mask": null}}])")),
              Dialect::keras3);
    CHECK(legacy.layers[1].calls.size() == 2);
    CHECK(legacy.layers[1].calls[0].tensors() == std::vector<TensorRef>{{0, 0, 0}});
    CHECK(keras3.layers[1].calls.size() == 1);
    CHECK(keras3.layers[1].calls[0].tensors() == std::vector<TensorRef>{{0, 0, 0}});
}

TEST_CASE("a nested model's calls count from 1 in Keras 2 and in Keras 3's output_layers") {
    const std::string calls = R"("inbound_nodes": [[["a", 0, 0, {}]], [["a", 0, 0, {}]]]})";
    const std::string use = dense("d", R"([[["sub", 2, 0, {}]]])");
    const ModelSpec model =
        parse(functional(input_a + "," + nested + calls + "," + use, R"([["a", 0, 0]])", R"([["sub", 1, 0]])"));
    CHECK(model.layers[2].calls[0].tensors() == std::vector<TensorRef>{{1, 1, 0}});
    CHECK(model.outputs.tensors() == std::vector<TensorRef>{{1, 0, 0}});
}

TEST_CASE("a Sequential without InputLayer gets the one Keras adds") {
    const ModelSpec model = parse(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [null, 3], "dtype": "float64"}}]}})");
    REQUIRE(model.layers.size() == 2);
    CHECK(model.layers[0].implicit);
    CHECK(to_json(*model.layers[0].config.find("batch_shape")) == "[null, 3]");
    CHECK(*model.layers[0].config.find("dtype") == Value("float64"));
}

TEST_CASE("Keras 1 wrote a Sequential's config as a bare list") {
    const ModelSpec model = parse(R"({"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "d", "output_dim": 2, "batch_input_shape": [null, 3]}}]})",
                                  Dialect::keras1);
    CHECK(model.layers.size() == 2);
}

TEST_CASE("wiring that leads nowhere is reported, all of it") {
    CHECK(complaint(functional(input_a + "," + dense("d", R"([[["ghost", 0, 0, {}]]])"))) ==
          "layer 'd' (Dense): 'inbound_nodes': refers to the unknown layer 'ghost'");
    CHECK(complaint(functional(input_a + "," + dense("d", R"([[["a", 3, 0, {}]]])"))) ==
          "layer 'd' (Dense): refers to call 3 of layer 'a', which has 1");
    CHECK(complaint(functional(input_a + "," + dense("d", R"([[["a", -1, 0, {}]]])"))) ==
          "layer 'd' (Dense): 'inbound_nodes': wanted a node or tensor index of zero or more, found -1");
    CHECK(complaint(functional(input_a + "," + dense("d", R"([[["e", 0, 0, {}]]])") + "," +
                               dense("e", R"([[["d", 0, 0, {}]]])"))) ==
          "the layer graph has a cycle through layer 'd'");
    CHECK(complaint(functional(input_a + "," + input_a)) == "layer name 'a' is used twice");
    const std::string both =
        complaint(functional(input_a + "," + dense("d", R"([[["x", 0, 0, {}]]])"), R"([["y", 0, 0]])"));
    CHECK(both ==
          "layer 'd' (Dense): 'inbound_nodes': refers to the unknown layer 'x'\n"
          "'input_layers': refers to the unknown layer 'y'");
}

TEST_CASE("tensors in keyword arguments are found, data that looks like them is not") {
    const ModelSpec model = parse(
        functional(input_a + "," + dense("d", R"([[["a", 0, 0, {"value": ["a", 0, 0], "data": ["z", 1, 2]}]]])")));
    const Call& call = model.layers[1].calls[0];
    REQUIRE(call.kwargs.size() == 2);
    CHECK(call.kwargs[0].second.kind == Argument::Kind::tensor);
    CHECK(call.kwargs[1].second.kind == Argument::Kind::constant);
}
