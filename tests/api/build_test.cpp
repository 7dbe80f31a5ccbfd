#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;

namespace {

Model mlp(std::uint64_t seed) {
    Sequential net("mlp");
    net.input({4});
    net.add("Dense", {{"units", 8}, {"activation", "relu"}});
    net.add("Dense", {{"units", 3}, {"activation", "softmax"}});
    return net.build(seed);
}

Tensor ramp(const Shape& shape) {
    Tensor tensor(DType::float32, shape);
    float next = -1;
    for (float& value : tensor.mutable_values<float>()) value = next += 0.25F;
    return tensor;
}

}  // namespace

TEST_CASE("a model built in code runs, and the seed decides its weights") {
    const Model model = mlp(1);
    CHECK(model.name() == "mlp");
    CHECK(model.count_params() == 4 * 8 + 8 + 8 * 3 + 3);
    CHECK(model.input_shape() == Shape{Shape::unknown, 4});
    CHECK(model.output_shape() == Shape{Shape::unknown, 3});
    const Tensor y = model.predict({ramp({2, 4})}).front();
    CHECK(y.shape() == Shape{2, 3});
    CHECK(y.values<float>()[0] + y.values<float>()[1] + y.values<float>()[2] == Approx(1));
    CHECK(identical(y, mlp(1).predict({ramp({2, 4})}).front()));
    CHECK_FALSE(identical(y, mlp(2).predict({ramp({2, 4})}).front()));
}

TEST_CASE("weights come out in Keras' order and go back in") {
    const Model model = mlp(1);
    const std::vector<NamedTensor> weights = model.get_weights();
    REQUIRE(weights.size() == 4);
    CHECK(weights[0].name == "dense/kernel");
    CHECK(weights[3].name == "dense_1/bias");
    Tensors other;
    for (const NamedTensor& weight : mlp(2).get_weights()) other.push_back(weight.tensor);
    const Model changed = model.set_weights(other);
    CHECK(identical(changed.predict({ramp({2, 4})}).front(), mlp(2).predict({ramp({2, 4})}).front()));
    CHECK(identical(model.get_weights()[0].tensor, weights[0].tensor));
    std::swap(other[0], other[1]);
    CHECK(complaint_of([&] { (void)model.set_weights(other); }) ==
          "weights: weight 'dense/kernel': wanted shape (4, 8), found (8,)");
    other.pop_back();
    CHECK(complaint_of([&] { (void)model.set_weights(other); }) == "weights: wanted 4 weights, found 3");
}

TEST_CASE("a functional model may share layers and have several inputs and outputs") {
    Functional net("twins");
    const auto a = net.input({3}, DType::float32, "a");
    const auto b = net.input({3}, DType::float32, "b");
    const auto dense = net.layer("Dense", {{"units", 2}, {"name", "shared"}});
    const auto left = net.call(dense, {a});
    const auto right = net.call(dense, {b});
    const auto difference = net.call("Subtract", {}, {left, right});
    const Model model = net.build({a, b}, {left, difference}, 3);
    CHECK(model.count_params() == 8);
    const Tensor x = ramp({2, 3});
    const Tensors y = model.predict({x, x});
    REQUIRE(y.size() == 2);
    for (const float value : y[1].values<float>()) CHECK(value == 0.0F);
    CHECK(model.inputs()[1].name == "b");
}

TEST_CASE("inputs are checked before anything runs") {
    const Model model = mlp(1);
    CHECK(complaint_of([&] { model.predict({}); }) == "input: wanted 1 inputs, found 0");
    CHECK(complaint_of([&] {
              model.predict({ramp({2, 5})});
          }) == "input: input 'input_layer': wanted shape (None, 4), found (2, 5)");
    CHECK(complaint_of([&] {
              model.predict({Tensor::strings({1, 4}, {"a", "b", "c", "d"})});
          }) == "input: input 'input_layer': wanted float32, found string");
    CHECK(model.predict({ramp({0, 4})}).front().shape() == Shape{0, 3});
    CHECK(model.predict({ramp({2, 4}).cast(DType::float64)}).front().dtype() == DType::float32);
}

TEST_CASE("wrong layers are named") {
    const auto build = [](const std::string& class_name, const Config& config) {
        return complaint_of([&] { Sequential("s").input({4}).add(class_name, config).build(); });
    };
    CHECK(build("Dens", {}) == "unsupported: layer 'dens' (Dens): unknown layer class 'Dens' (did you mean 'Dense'?)");
    CHECK(build("Dense", {{"units", -1}}) ==
          "config: layer 'dense' (Dense): config key 'units': must be positive, found -1");
    CHECK(build("Dense", {{"units", 2}, {"unit", 3}}) ==
          "unsupported: layer 'dense' (Dense): config key 'unit' is unknown and might change the result, found 3");
}

TEST_CASE("several threads may run one model") {
    const Model model = mlp(1);
    const Tensor wanted = model.predict({ramp({2, 4})}).front();
    std::vector<std::thread> threads;
    std::atomic<int> equal = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            Context context = model.context();
            for (int k = 0; k < 20; ++k) equal += identical(context.predict({ramp({2, 4})}).front(), wanted) ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(equal == 80);
}
