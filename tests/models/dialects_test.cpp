#include <catch2/catch.hpp>

#include "formats/json/text.hpp"
#include "models/dialects/dialects.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

dialects::TensorFacts facts(const LayerSpec&, std::size_t, std::size_t) {
    return {Value::array({Value(), 4}), "float32"};
}

/// Layers between an input `a` and the output of `last`, as Keras 2 wires them.
ModelSpec model(const std::string& layers, const std::string& last) {
    return parse_model(
        formats::parse_json(
            R"({"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "InputLayer",
        "config": {"name": "a", "batch_input_shape": [null, 4], "ragged": false}, "name": "a", "inbound_nodes": []}, )" +
            layers + R"(], "input_layers": [["a", 0, 0]], "output_layers": [[")" + last + R"(", 0, 0]]}})"),
        Dialect::keras2);
}

std::string layer(const std::string& class_name, const std::string& config, const std::string& node) {
    return R"({"class_name": ")" + class_name + R"(", "config": {"name": "d", )" + config +
           R"(}, "name": "d", "inbound_nodes": [)" + node + "]}";
}

std::string translation(const std::string& layers, Dialect target = Dialect::keras3) {
    return to_json(dialects::translated(model(layers, "d"), target, facts).envelope);
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string from_a = R"([["a", 0, 0, {}]])";

}  // namespace

TEST_CASE("keys of Keras 2 become those of Keras 3") {
    const std::string text = translation(layer("LeakyReLU", R"("alpha": 0.5, "batch_input_shape": [null, 4])", from_a));
    CHECK(says(text, R"("batch_shape": [null, 4])"));
    CHECK(says(text, R"("negative_slope": 0.5)"));
    CHECK(says(text, R"("output_layers": ["d", 0, 0])"));
    CHECK(says(text, R"("keras_history": ["a", 0, 0])"));
    CHECK_FALSE(says(text, "batch_input_shape"));
    CHECK_FALSE(says(text, "ragged"));
}

TEST_CASE("a layer that is an activation is translated as one") {
    const std::string slope = R"("activation": {"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.5}})";
    CHECK(says(translation(layer("Dense", R"("units": 2, )" + slope, from_a)), R"("negative_slope": 0.5)"));
}

TEST_CASE("names and lists that Keras 2 does not take are refused") {
    const auto complaint = [](const std::string& class_name, const std::string& config) {
        const std::string text =
            R"({"class_name": "Sequential", "config": {"name": "s", "layers": [{"module": "keras.layers",
            "class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 4]}}, {"module": "keras.layers",
            "class_name": ")" +
            class_name + R"(", "config": {)" + config + "}}]}}";
        const ModelSpec model = parse_model(formats::parse_json(text), Dialect::keras3);
        return test::message_of([&] { dialects::translated(model, Dialect::keras2, facts); });
    };
    CHECK(says(complaint("Dense", R"("name": "schicht_\u00e4", "units": 2)"), "Keras 2 takes no such name"));
    CHECK(says(complaint("Dense", R"("name": "_d", "units": 2)"), "Keras 2 takes no such name"));
    CHECK(says(complaint("TextVectorization", R"("name": "t", "ngrams": [2, 1])"), "'ngrams': Keras 2 reads no list"));
}

TEST_CASE("what the other Keras cannot say is named with its layer") {
    const auto complaint = [](const std::string& layers) { return test::message_of([&] { translation(layers); }); };
    CHECK(complaint(layer("LSTM", R"("units": 2, "time_major": true)", from_a)) ==
          "layer 'd' (LSTM): 'time_major': Keras 3 has no such key, found true");
    CHECK(complaint(layer("GRU", R"("units": 2, "recurrent_activation": "hard_sigmoid")", from_a)) ==
          "layer 'd' (GRU): 'recurrent_activation': hard_sigmoid means another function in Keras 3");
    CHECK(complaint(layer("LocallyConnected1D", R"("filters": 2)", from_a)) ==
          "layer 'd' (LocallyConnected1D): Keras 3 has no such layer");
    CHECK(complaint(layer("UpSampling2D", R"("interpolation": "mitchellcubic")", from_a)) ==
          "layer 'd' (UpSampling2D): 'interpolation': mitchellcubic is none that Keras 3 has");
    CHECK(complaint(
              layer("Dense", R"("units": 2, "kernel_constraint": {"class_name": "RadialConstraint", "config": {}})",
                    from_a)) == "layer 'd' (Dense): 'kernel_constraint': Keras 3 has no constraint 'RadialConstraint'");
    CHECK(complaint(layer("SeparableConv1D", R"("padding": "causal")", from_a)) ==
          "layer 'd' (SeparableConv1D): 'padding': causal is none that Keras 3 has");
    std::string slash = layer("Dense", R"("units": 2)", from_a);
    slash.replace(slash.find(R"("name": "d", "inbound)"), 11, R"("name": "b/d")");
    CHECK(test::message_of([&] { dialects::translated(model(slash, "b/d"), Dialect::keras3, facts); }) ==
          "layer 'b/d' (Dense): its name has a '/', which Keras 3 allows in none");
    CHECK(complaint(layer("Conv1D", R"("filters": 2, "kernel_size": [1])", from_a)) ==
          "layer 'd' (Conv1D): its input has 2 axes, Keras 3 wants 3");
    CHECK(complaint(layer("TFOpLambda", R"("function": "math.top_k")", R"(["a", 0, 0, {"k": 2}])")) ==
          "layer 'd' (TFOpLambda): the operation 'math.top_k' has no counterpart in Keras 3 that layerctl knows");
}

TEST_CASE("states of a recurrent layer are arguments of their own in Keras 3") {
    const std::string text = translation(layer("GRU", R"("units": 4)", R"([["a", 0, 0, {}], ["a", 0, 0, {}]])"));
    CHECK(says(text, R"("kwargs": {"initial_state": [{"class_name": "__keras_tensor__")"));
    CHECK(says(text, R"("reset_after": false)"));  // what a missing key meant
}

TEST_CASE("functions of TensorFlow become operations of Keras 3") {
    const std::string text =
        translation(layer("TFOpLambda", R"("function": "math.multiply")", R"(["a", 0, 0, {"y": 2.0}])"));
    CHECK(says(text, R"("module": "keras.src.ops.numpy", "class_name": "Multiply")"));
    CHECK(says(text, R"("keras_history": ["a", 0, 0]}}, 2.0], "kwargs": {}})"));
}

TEST_CASE("a mask that the versions treat differently stops a translation") {
    const std::string mask =
        R"({"class_name": "Masking", "config": {"name": "m"}, "name": "m", "inbound_nodes": [[["a", 0, 0, {}]]]}, )";
    CHECK(test::message_of([&] { translation(mask + layer("Softmax", R"("axis": -1)", R"([["m", 0, 0, {}]])")); }) ==
          "layer 'd' (Softmax): a mask reaches it, which Keras 2 and 3 treat differently there");
    CHECK_NOTHROW(translation(mask + layer("Dense", R"("units": 2)", R"([["m", 0, 0, {}]])")));
}
