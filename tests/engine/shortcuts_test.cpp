#include <algorithm>

#include "api/threads.hpp"
#include "engine/exec/executor.hpp"
#include "tests/engine/small_models.hpp"

using namespace layerctl;
using test::difference;
using test::waves;

namespace {

using Symbol = Functional::Symbol;
using Names = std::vector<std::string>;

std::shared_ptr<const Graph> graph_of(const Model& model) {
    return test::graph_of_json(
        cat(R"({"class_name": "Functional", "config": )", model.get_config(), R"(, "keras_version": "3.12.0"})"));
}

Plan plan_of(const Model& model, const Shape& input, const std::vector<std::string>& without = {}) {
    PackedWeights::Store weights;
    Workers alone(1);
    return make_plan(*graph_of(model), {input}, {.without = without}, weights, alone);
}

Names kernels_of(const Model& model, const Shape& input) { return test::kernels_of(plan_of(model, input)); }

/// The sum of all sizes of what the plan computes.
std::int64_t numbers_computed(const Plan& plan) {
    std::int64_t sum = 0;
    for (const Step& step : plan.steps)
        for (const EdgeId edge : step.outputs) sum += plan.shapes[edge].elements();
    return sum;
}

/// By one thread and several, and entry by entry or not.
void check_like_layers(const Model& model, const Tensor& x, float tolerance) {
    const int before = threads();
    for (const int count : {1, 3}) {
        set_threads(count);
        CHECK(difference(model, x) < tolerance);
        const Tensor whole = model.context({.without_passes = {"split_batch"}}).predict({x}).front();
        const Tensor wanted = model.context({.reference = true}).predict({x}).front();
        for (std::size_t i = 0; i < wanted.elements(); ++i)
            REQUIRE(std::abs(whole.values<float>()[i] - wanted.values<float>()[i]) < tolerance);
    }
    set_threads(before);
}

Symbol convolve(Functional& net, const Symbol& x, std::int64_t filters, std::int64_t size, std::int64_t stride = 1,
                const char* activation = "linear") {
    return net.call("Conv2D",
                    {{"filters", filters},
                     {"kernel_size", size},
                     {"strides", stride},
                     {"padding", "same"},
                     {"activation", activation},
                     {"bias_initializer", "random_normal"}},
                    {x});
}

/// x and a layer's output of it, added, then an activation.
Model with_shortcut(const Shape& shape, const char* name, const Config& config) {
    Functional net("shortcut");
    const Symbol x = net.input(shape);
    const Symbol sum = net.call("Add", {}, {x, net.call(name, config, {x})});
    return net.build({x}, {net.call("Activation", {{"activation", "tanh"}}, {sum})});
}

/// The end of a block of residuals and the begin of the next.
Model blocks(std::int64_t size, std::int64_t stride, bool shows_between) {
    Functional net("blocks");
    const Symbol x = net.input({size, size + 3, 12});
    const Symbol inner = convolve(net, x, 6, 3, 1, "relu");
    const Symbol sum = net.call("Add", {}, {x, convolve(net, inner, 12, 1)});
    const Symbol between = net.call("ReLU", {}, {sum});
    const Symbol left = convolve(net, between, 5, 1, 2), right = convolve(net, between, 5, 1, stride);
    std::vector<Symbol> outputs = {stride == 2 ? net.call("Add", {}, {left, right}) : left, right};
    if (shows_between) outputs.push_back(between);
    return net.build({x}, outputs);
}

}  // namespace

TEST_CASE("what comes along a shortcut is added by the kernel before it") {
    const auto check = [](const Shape& shape, const char* name, const Config& config, const char* kernel) {
        CAPTURE(shape, name);
        const float tolerance = kernel == std::string("winograd") ? 2e-5F : 4e-6F;
        const Model model = with_shortcut(shape, name, config);
        CHECK(kernels_of(model, shape.prepended(1)) == Names{kernel});
        for (const std::int64_t batch : {1, 3}) check_like_layers(model, waves(shape.prepended(batch)), tolerance);
    };
    for (const std::int64_t n : {3, 16, 37}) check({n}, "Dense", {{"units", n}}, "product");
    check({9, 20}, "Dense", {{"units", 20}}, "product");
    check({7, 9, 11}, "Conv2D", {{"filters", 11}, {"kernel_size", 1}}, "convolution");
    check({7, 9, 11}, "Conv2D", {{"filters", 11}, {"kernel_size", 5}, {"padding", "same"}}, "convolution");
    for (const std::int64_t size : {7, 30})  // tiles of 2 and of 4
        check({size, size, 64}, "Conv2D", {{"filters", 64}, {"kernel_size", 3}, {"padding", "same"}}, "winograd");
    check({90, 40}, "Conv1D", {{"filters", 40}, {"kernel_size", 3}, {"padding", "causal"}}, "winograd");
    check({4, 5, 6, 7}, "Conv3D", {{"filters", 7}, {"kernel_size", 2}, {"padding", "same"}}, "convolution");
}

TEST_CASE("sums that a kernel does not add are left to themselves") {
    const auto kernels = [](const auto& build) {
        Functional net("sums");
        const Symbol x = net.input({6, 6, 4});
        const Model model = net.build({x}, build(net, x));
        check_like_layers(model, waves({2, 6, 6, 4}), 2e-6F);
        return kernels_of(model, {1, 6, 6, 4});
    };
    const auto add = [](Functional& net, const std::vector<Symbol>& summands) { return net.call("Add", {}, summands); };
    using Symbols = std::vector<Symbol>;
    CHECK(kernels([&](Functional& net, const Symbol& x) {
              const Symbol y = convolve(net, x, 4, 1);
              return Symbols{add(net, {y, y})};
          }) == Names{"convolution", "combine"});
    CHECK(kernels([&](Functional& net, const Symbol& x) {
              const Symbol y = convolve(net, x, 4, 1);
              return Symbols{add(net, {x, y}), y};
          }) == Names{"convolution", "combine"});
    CHECK(kernels([&](Functional& net, const Symbol& x) {
              return Symbols{add(net, {x, convolve(net, x, 1, 1)})};  // repeated along the channels
          }) == Names{"convolution", "combine"});
    CHECK(kernels([&](Functional& net, const Symbol& x) {
              return Symbols{add(net, {x, convolve(net, x, 4, 1, 1, "relu")})};
          }) == Names{"convolution", "combine"});
    CHECK(kernels([&](Functional& net, const Symbol& x) {
              return Symbols{add(net, {convolve(net, x, 4, 3), convolve(net, x, 4, 1)})};  // one of two
          }) == Names{"convolution", "convolution"});
}

TEST_CASE("an inverted residual is one kernel, its shortcut included") {
    Functional net("inverted");
    const Symbol x = net.input({19, 17, 6});
    const Symbol wide = convolve(net, x, 40, 1, 1, "relu6");
    const Symbol depthwise =
        net.call("DepthwiseConv2D", {{"kernel_size", 3}, {"padding", "same"}, {"activation", "relu6"}}, {wide});
    const Model model = net.build({x}, {net.call("Add", {}, {x, convolve(net, depthwise, 6, 1)})});
    CHECK(kernels_of(model, {1, 19, 17, 6}) == Names{"expanded depthwise"});
    check_like_layers(model, waves({3, 19, 17, 6}), 2e-6F);
}

TEST_CASE("a gate goes into the weights of large images") {
    const auto gated = [](std::int64_t size, bool has_shortcut, bool is_first) {
        Functional net("gated");
        const Symbol x = net.input({size, size, 8});
        const Symbol y = convolve(net, x, 20, 3);
        const Symbol mean = net.call("GlobalAveragePooling2D", {{"keepdims", true}}, {y});
        const Symbol gate = convolve(net, mean, 20, 1, 1, "sigmoid");
        const Symbol product = is_first ? net.call("Multiply", {}, {gate, y}) : net.call("Multiply", {}, {y, gate});
        const Symbol out = convolve(net, product, 8, 1);
        return net.build({x}, {has_shortcut ? net.call("Add", {}, {out, x}) : out});
    };
    for (const bool has_shortcut : {true, false})
        for (const bool is_first : {true, false})
            for (const std::int64_t size : {9, 2}) {
                CAPTURE(has_shortcut, is_first, size);
                const Model model = gated(size, has_shortcut, is_first);
                const Names kernels = kernels_of(model, {1, size, size, 8});
                CHECK(std::ranges::count(kernels, "combine") == (size == 2 ? 1 : 0));
                for (const std::int64_t batch : {1, 3}) check_like_layers(model, waves({batch, size, size, 8}), 2e-6F);
            }
}

TEST_CASE("pixels that no convolution reads are not computed") {
    for (const std::int64_t size : {1, 2, 9, 14})
        for (const std::int64_t stride : {2, 1})
            for (const bool shows_between : {false, true}) {
                CAPTURE(size, stride, shows_between);
                const Model model = blocks(size, stride, shows_between);
                const Shape shape = {1, size, size + 3, 12};
                const std::int64_t all = numbers_computed(plan_of(model, shape, {"move_strides"}));
                const std::int64_t some = numbers_computed(plan_of(model, shape));
                if (stride == 2 && !shows_between) CHECK(some < all);
                else CHECK(some == all);
                for (const std::int64_t batch : {1, 3})
                    check_like_layers(model, waves({batch, size, size + 3, 12}), 2e-6F);
            }
}

TEST_CASE("a batch under masks is left to its layers, in the shapes that they announced") {
    const auto graph = graph_of(blocks(71, 2, false));
    const Tensor x = waves({4, 71, 74, 12});
    Tensor mask(DType::boolean, {4, 71});
    const auto run = [&](const PlanOptions& options) {
        return Executor(std::make_shared<Plans>(graph, options)).run(Flow{{x}, {mask}}).tensors.front();
    };
    const Tensor wanted = run({.reference = true}), found = run({});
    REQUIRE(found.shape() == wanted.shape());
    for (std::size_t i = 0; i < found.elements(); ++i)
        REQUIRE(std::abs(found.values<float>()[i] - wanted.values<float>()[i]) < 2e-6F);
}
