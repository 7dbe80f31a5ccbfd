// What stateful layers keep: read, set and forgotten through a Context.
#include <catch2/catch.hpp>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

namespace layerctl {
namespace {

/// h = x + h, twice, with another layer between.
Model two_adders() {
    const Value adder = Value::object({{"units", 1},
                                       {"activation", "linear"},
                                       {"use_bias", false},
                                       {"stateful", true},
                                       {"kernel_initializer", "ones"},
                                       {"recurrent_initializer", "ones"}});
    Value first = adder, second = adder;
    first.set("name", "first");
    first.set("return_sequences", true);
    second.set("name", "second");
    Sequential net;
    net.input({2, 1}).add("SimpleRNN", Config(first)).add("Dropout", {{"name", "between"}, {"rate", 0.5}});
    return net.add("SimpleRNN", Config(second)).build();
}

Tensor one(float value) { return Tensor::from<float>({1, 1}, std::vector<float>{value}); }

const Tensor sequence = Tensor::from<float>({1, 2, 1}, std::vector<float>{1, 2});

float run(Context& context) { return context.predict({sequence})[0].values<float>()[0]; }

std::vector<float> kept(const Context& context) {
    std::vector<float> values;
    for (const LayerState& state : context.states())
        for (const Tensor& tensor : state.tensors) values.push_back(tensor.values<float>()[0]);
    return values;
}

TEST_CASE("states are read by layer, in the order of the model") {
    const Model model = two_adders();
    Context context = model.context();
    REQUIRE(context.states().size() == 2);
    CHECK(context.states()[0].layer == "first");
    CHECK(context.states()[0].tensors.empty());  // the batch size is not known yet
    CHECK(run(context) == 4);                    // 1 + (1 + 2)
    CHECK(kept(context) == std::vector<float>{3, 4});
}

TEST_CASE("states are set by layer; others keep theirs") {
    const Model model = two_adders();
    Context context = model.context();
    run(context);
    context.set_states({{"second", {one(100)}}});
    CHECK(kept(context) == std::vector<float>{3, 100});
    CHECK(run(context) == 110);  // 100 + (3 + 1) + (3 + 1 + 2)
    context.reset_states();
    CHECK(run(context) == 4);
}

TEST_CASE("states that fit no layer are refused") {
    const Model model = two_adders();
    Context context = model.context();
    const auto complaint = [&](const std::vector<LayerState>& states) {
        return test::complaint_of([&] { context.set_states(states); });
    };
    CHECK(complaint({{"secnd", {one(1)}}}) == "usage: there is no layer 'secnd' (did you mean 'second'?)");
    CHECK(complaint({{"between", {one(1)}}}) == "input: layer 'between' (Dropout): keeps no state");
    CHECK(complaint({{"first", {one(1), one(2)}}}) == "input: layer 'first' (SimpleRNN): wanted 1 states, found 2");
    CHECK(complaint({{"first", {Tensor(DType::float32, {1, 2})}}}) ==
          "input: layer 'first' (SimpleRNN): state 0: wanted shape (None, 1), found (1, 2)");
    CHECK(run(context) == 4);
}

}  // namespace
}  // namespace layerctl
