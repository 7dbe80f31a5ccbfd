// What layers take, and when they were computed, as a program sees it.
#include <catch2/catch.hpp>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

namespace layerctl {
namespace {

using test::message_of;

/// A layer called twice, between others.
Model twice() {
    Functional net;
    const auto a = net.input({4}), b = net.input({4});
    const auto dense = net.layer("Dense", {{"name", "shared"}, {"units", 3}});
    const auto sum = net.call("Add", {{"name", "sum"}}, {net.call(dense, {a}), net.call(dense, {b})});
    return net.build({a, b}, {sum});
}

TEST_CASE("costs: calls of a layer together, products and bytes") {
    const std::vector<LayerCost> costs = twice().costs({{2, 4}, {2, 4}});
    REQUIRE(costs.size() == 2);
    CHECK(costs[0].layer == "shared");
    CHECK(costs[0].class_name == "Dense");
    CHECK(costs[0].calls == 2);
    CHECK(costs[0].macs == 2 * (2 * 4 * 3));
    CHECK(costs[0].bytes == 2 * 4 * (2 * 4 + 4 * 3 + 3 + 2 * 3));
    CHECK(costs[1].layer == "sum");
    CHECK_FALSE(costs[1].macs.has_value());
    CHECK(costs[1].bytes == 4 * (3 * 2 * 3));
}

TEST_CASE("costs: a shape for every input") {
    CHECK(message_of([] { twice().costs({{2, 4}}); }) == "wanted the shapes of 2 inputs, found 1");
}

/// Half of what TensorFlow's profiler counts for the products of the same model in Keras 2.15, batch 1.
TEST_CASE("products of whole models, measured") {
    const std::vector<std::pair<const char*, std::int64_t>> models = {{"mini_resnet_k2", 179'580},
                                                                      {"mini_mobilenet_k2", 39'190},
                                                                      {"mini_unet_k2", 265'344},
                                                                      {"mini_inception_k2", 139'363},
                                                                      {"siamese_k2", 5'395}};
    for (const auto& [name, wanted] : models) {
        INFO(name);
        const Model model = Model::load(std::string(LAYERCTL_TESTDATA "/golden/real/") + name + "/model.h5");
        std::vector<Shape> inputs;
        for (const TensorInfo& input : model.inputs()) inputs.push_back(input.shape->with_front(1));
        std::int64_t found = 0;
        for (const LayerCost& cost : model.costs(inputs)) found += cost.macs.value_or(0);
        CHECK(found == wanted);
    }
}

TEST_CASE("spans: one per call, one after the other, beside the same outputs") {
    const Model model = twice();
    const Tensors inputs = {Tensor(DType::float32, {2, 4}), Tensor(DType::float32, {2, 4})};
    Context context = model.context({.without_passes = {"fuse_add"}});
    std::vector<LayerSpan> spans;
    const Tensors watched = context.predict(inputs, spans);
    CHECK(identical(watched[0], model.predict(inputs)[0]));
    REQUIRE(spans.size() == 3);
    CHECK(spans[0].layer == 0);
    CHECK(spans[1].layer == 0);
    CHECK(spans[2].layer == 1);
    for (const LayerSpan& span : spans) CHECK(span.begin <= span.end);
    CHECK(spans[0].end <= spans[1].begin);
    CHECK(spans[1].end <= spans[2].begin);
}

}  // namespace
}  // namespace layerctl
