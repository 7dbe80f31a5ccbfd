// Recurrent layers: state that lives outside of them, initial states, masks that do not fit, the bias of a new LSTM.
#include <catch2/catch.hpp>

#include "api/layerctl.hpp"
#include "tests/engine/layer_fixture.hpp"

namespace layerctl {
namespace {

using test::floats;

/// h = x + h, so that outputs are sums over time.
Value adder(bool stateful) {
    return Value::object({{"units", 1}, {"activation", "linear"}, {"use_bias", false}, {"stateful", stateful}});
}

Weights ones() {
    Weights weights;
    for (const char* name : {"cell/kernel", "cell/recurrent_kernel"})
        weights.add(name, Tensor::from<float>({1, 1}, std::vector<float>{1}));
    return weights;
}

const Tensor sequence = Tensor::from<float>({1, 3, 1}, std::vector<float>{1, 2, 3});

float last(const Layer& layer, const Tensors& x, Tensors& state, const Masks& masks = {}) {
    Tensors y(1);
    layer.call_stateful(x, masks, ones(), state, y);
    return floats(y[0]).front();
}

TEST_CASE("a stateful layer goes on from its state and leaves none in the layer") {
    const auto layer = test::layer("SimpleRNN", adder(true));
    Tensors state = {Tensor(DType::float32, {1, 1})}, other = state;
    CHECK(last(*layer, {sequence}, state) == 6);
    CHECK(last(*layer, {sequence}, state) == 12);
    CHECK(last(*layer, {sequence}, other) == 6);
}

TEST_CASE("initial states give way to a kept state in Keras 2 only") {
    const Tensor initial = Tensor::from<float>({1, 1}, std::vector<float>{100});
    for (const auto& [dialect, second] : {std::pair{Dialect::keras2, 112.F}, std::pair{Dialect::keras3, 106.F}}) {
        const auto layer = test::layer("SimpleRNN", adder(true), dialect);
        Tensors state = {Tensor(DType::float32, {1, 1})};
        CHECK(last(*layer, {sequence, initial}, state) == 106);
        CHECK(last(*layer, {sequence, initial}, state) == second);
    }
}

TEST_CASE("masked steps keep the state; a mask of another length is refused") {
    const auto layer = test::layer("SimpleRNN", adder(false));
    Tensors state;
    const Tensor mask = Tensor::from<std::uint8_t>({1, 3}, std::vector<std::uint8_t>{1, 0, 1}).cast(DType::boolean);
    CHECK(last(*layer, {sequence}, state, {mask}) == 4);
    CHECK_THROWS_AS(last(*layer, {sequence}, state, {Tensor(DType::boolean, {1, 2})}), Error);
}

TEST_CASE("the second bias of a new CuDNNLSTM has ones in the forget gate") {
    Sequential net;
    net.input({3, 1}).add("CuDNNLSTM", {{"units", 2}});
    const Tensor bias = net.build().get_weights().at(2).tensor;
    CHECK(floats(bias) == std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0});
}

TEST_CASE("CuDNN layers take no mask") {
    const auto layer = test::layer("CuDNNGRU", Value::object({{"units", 1}}));
    Weights weights;
    weights.add("kernel", Tensor(DType::float32, {1, 3}));
    weights.add("recurrent_kernel", Tensor(DType::float32, {1, 3}));
    weights.add("bias", Tensor(DType::float32, {6}));
    Tensors state, y(1);
    layer->call_stateful({sequence}, {Tensor()}, weights, state, y);
    CHECK(test::code_of([&] {
              layer->call_stateful({sequence}, {Tensor(DType::boolean, {1, 3})}, weights, state, y);
          }) == Code::unsupported);
}

Value dense_model(const char* dtype) {
    const Value input =
        Value::object({{"class_name", "InputLayer"},
                       {"config", Value::object({{"name", "in"}, {"batch_input_shape", Value::array({nullptr, 3})}})}});
    const Value dense = Value::object(
        {{"class_name", "Dense"}, {"config", Value::object({{"name", "dense"}, {"units", 2}, {"dtype", dtype}})}});
    return Value::object({{"class_name", "Sequential"},
                          {"config", Value::object({{"name", "inner"}, {"layers", Value::array({input, dense})}})}});
}

TEST_CASE("TimeDistributed holds a model, whose weights carry their layers' names") {
    const auto layer = test::layer("TimeDistributed", Value::object({{"layer", dense_model("float32")}}));
    const WeightSpecs weights = layer->weights({Shape{1, 4, 3}});
    REQUIRE(weights.size() == 2);
    CHECK(weights[0].name == "layer/dense/kernel");
    CHECK(layer->compute_output_shape({Shape{1, 4, 3}}) == Shapes{{1, 4, 2}});
    CHECK(test::code_of([&] { layer->compute_output_shape({Shape{1, 4, 5}}); }) == Code::shape);
}

TEST_CASE("a wrapped model that computes in another dtype than its wrapper is refused") {
    CHECK(test::code_of([] {
              test::layer("TimeDistributed", Value::object({{"layer", dense_model("float64")}}));
          }) == Code::unsupported);
}

TEST_CASE("a context forgets its states when told to, and keeps them from others") {
    Sequential net;
    net.input({3, 1}).add("SimpleRNN", Config(adder(true)));
    const Model model = net.build().set_weights({ones().tensor(0), ones().tensor(1)});
    Context context = model.context();
    CHECK(floats(context.predict({sequence})[0]).front() == 6);
    CHECK(floats(context.predict({sequence})[0]).front() == 12);
    CHECK(floats(model.predict({sequence})[0]).front() == 6);
    CHECK_THROWS_AS(context.predict({Tensor(DType::float32, {2, 3, 1})}), Error);
    context.reset_states();
    CHECK(floats(context.predict({sequence})[0]).front() == 6);
}

TEST_CASE("a new LSTM forgets nothing: ones in the second block of its bias") {
    const auto bias_of = [](bool unit_forget_bias) {
        const auto layer = test::layer("LSTM", Value::object({{"units", 2}, {"unit_forget_bias", unit_forget_bias}}));
        const WeightSpec bias = layer->weights({{Shape::unknown, 3, 1}}).back();
        return floats(initialize(bias.initializer, DType::float32, bias.shape, 1));
    };
    CHECK(bias_of(true) == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0});
    CHECK(bias_of(false) == std::vector<float>(8, 0));
}

TEST_CASE("what would change a result unseen is refused") {
    const auto refuse = [](const char* class_name, Value config) {
        CHECK_THROWS_AS(test::layer(class_name, std::move(config)), Error);
    };
    refuse("LSTM", Value::object({{"units", 2}, {"activation", "glu"}}));
    refuse("GRU", Value::object({{"units", 2}, {"peephole", true}}));
    const Value dense = Value::object({{"class_name", "Dense"}, {"config", Value::object({{"units", 2}})}});
    refuse("Bidirectional", Value::object({{"layer", dense}}));
    refuse("RNN", Value::object({{"cell", dense}}));
}

TEST_CASE("writing the config of a wrapped GRU does not change it") {
    const Value gru =
        Value::object({{"class_name", "GRU"}, {"config", Value::object({{"units", 2}, {"name", "gru"}})}});
    const Value config = Value::object({{"layer", gru}, {"merge_mode", nullptr}});
    CHECK(test::written("Bidirectional", config).find("backward_layer") == nullptr);
}

}  // namespace
}  // namespace layerctl
