// Operation nodes and the kernels that compute them.
#include <bit>
#include <limits>

#include "tests/engine/small_models.hpp"

using namespace layerctl;
using test::difference;
using test::waves;

namespace {

/// A call of a TensorFlow function or a layer: name, class, config, and arguments as JSON.
struct Called {
    std::string name, class_name, config, inbound;
};

std::string model_json(const std::string& sizes, const std::vector<Called>& nodes, const std::string& outputs) {
    std::string layers = cat(R"({"class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {)",
                             R"("batch_input_shape": [null, )", sizes, R"(], "name": "x"}})");
    for (const Called& node : nodes)
        layers +=
            cat(R"(, {"class_name": ")", node.class_name, R"(", "name": ")", node.name, R"(", "config": {"name": ")",
                node.name, R"(", )", node.config, R"(}, "inbound_nodes": [)", node.inbound, "]}");
    return cat(R"({"class_name": "Functional", "keras_version": "2.15.0", "config": {"name": "m", "layers": [)", layers,
               R"(], "input_layers": [["x", 0, 0]], "output_layers": )", outputs, "}}");
}

Called function(const std::string& name, const std::string& f, const std::string& inbound) {
    return {name, "TFOpLambda", cat(R"("function": ")", f, "\""), inbound};
}

Called of_x(const std::string& f, const std::string& arguments) {
    return function("op", f, cat(R"(["x", 0, 0, {)", arguments, "}]"));
}

/// The constant comes first.
Called to_x(const std::string& f, const std::string& constant) {
    return function("op", f, cat(R"(["_CONSTANT_VALUE", -1, )", constant, R"(, {"y": ["x", 0, 0]}])"));
}

Model one_node(const Called& node) { return Model::from_json(model_json("4, 6", {node}, R"([["op", 0, 0]])"), {}, 1); }

std::string kernel_of(const Model& model) { return model.context().kernels({{2, 4, 6}}).front().kernel; }

bool is_same(float a, float b) {
    return std::isnan(a) ? std::isnan(b) : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Bit for bit what the operation makes of numbers of all kinds.
void check_exact(const Called& node, const std::string& kernel) {
    CAPTURE(node.config, node.inbound);
    const Model model = one_node(node);
    CHECK(kernel_of(model) == kernel);
    constexpr float infinity = std::numeric_limits<float>::infinity();
    Tensor x = waves({2, 4, 6});
    std::size_t place = 0;
    for (const float edge : {0.0F, -0.0F, infinity, -infinity, NAN, 41.0F, 1e-40F, 3e38F})
        x.mutable_values<float>()[place += 5] = edge;
    const Tensor wanted = model.context({.reference = true}).predict({x}).front();
    const Tensor found = model.predict({x}).front();
    REQUIRE(found.shape() == wanted.shape());
    for (std::size_t i = 0; i < found.elements(); ++i) {
        CAPTURE(i, wanted.values<float>()[i], found.values<float>()[i]);
        CHECK(is_same(found.values<float>()[i], wanted.values<float>()[i]));
    }
}

std::vector<std::string> kernels_of(const std::string& json, const Shape& input) {
    return test::kernels_of(test::plan_of(*test::graph_of_json(json), {input}));
}

}  // namespace

TEST_CASE("operations with constants are computed by kernels, to the last bit") {
    const std::string row = "[1.5, -2, 0, 41, 0.25, 3]", column = "[[1.5], [-2], [3], [0.1]]";
    for (const std::string f : {"math.add", "math.multiply", "math.subtract"}) {
        for (const std::string& constant : {std::string("0.3"), row, "[" + row + "]"}) {
            check_exact(of_x(f, R"("y": )" + constant), "scale");
            check_exact(to_x(f, constant), "scale");
        }
        for (const std::string& constant : {column, std::string("1e30"), std::string("1e-30")}) {
            check_exact(of_x(f, R"("y": )" + constant), "combine");
            check_exact(to_x(f, constant), "combine");
        }
    }
    check_exact(of_x("math.truediv", R"("y": 4.0)"), "scale");
    for (const std::string f : {"math.truediv", "math.maximum", "math.minimum"})
        for (const std::string& constant : {std::string("41.0"), row, column, "[[" + row + "], [" + row + "]]"}) {
            check_exact(of_x(f, R"("y": )" + constant), "combine");
            check_exact(to_x(f, constant), "combine");
        }
}

TEST_CASE("operations on tensors of other ranks, and such as move numbers, are computed by kernels") {
    for (const std::string f : {"math.add", "math.multiply", "math.subtract", "math.truediv", "math.maximum"}) {
        const std::string row = R"(["row", 0, 0, {"y": ["x", 0, 0]}])";
        const std::string json = model_json(
            "4, 6", {function("row", "math.reduce_max", R"(["x", 0, 0, {"axis": [0, 1]}])"), function("op", f, row)},
            R"([["op", 0, 0]])");
        CAPTURE(f);
        CHECK(kernels_of(json, {2, 4, 6}) == std::vector<std::string>{"reduce", "combine"});
        CHECK(difference(Model::from_json(json, {}, 1), waves({2, 4, 6})) == 0);
    }
    const std::string slice = R"({"start": 1, "stop": null, "step": null})";
    const std::string all = R"({"start": null, "stop": null, "step": null})";
    check_exact(of_x("__operators__.getitem", cat(R"("slice_spec": [)", all, ", ", slice, ", -1]")), "pad");
    check_exact(of_x("__operators__.getitem", cat(R"("slice_spec": [)", slice, ", null, 2]")), "pad");
    check_exact(of_x("transpose", R"("perm": [2, 0, 1])"), "strided");
    check_exact(of_x("reshape", R"("shape": [-1, 8])"), "copy");
    check_exact(of_x("expand_dims", R"("axis": 1)"), "copy");
    check_exact(of_x("pad", R"("paddings": [[0, 1], [2, 0], [0, 3]])"), "pad");
    check_exact(function("op", "stack", R"([["x", 0, 0, {"axis": 1}], ["x", 0, 0, {"axis": 1}]])"), "join");
    check_exact(function("op", "concat", R"([["x", 0, 0, {"axis": -1}], ["x", 0, 0, {"axis": -1}]])"), "join");
    for (const char* axis : {"0", "[1]", "-1", "[0, 1]", "null", "[1, 2]"})
        for (const char* keepdims : {"true", "false"}) {
            CAPTURE(axis, keepdims);
            const std::string arguments = cat(R"("axis": )", axis, R"(, "keepdims": )", keepdims);
            const Model mean = one_node(of_x("math.reduce_mean", arguments));
            if (axis != std::string("null") || keepdims == std::string("true")) CHECK(kernel_of(mean) == "reduce");
            CHECK(difference(mean, waves({2, 4, 6})) < 1e-6F);
        }
    for (const char* f : {"nn.relu6", "math.sigmoid", "nn.softmax", "math.exp", "nn.silu"}) {
        CAPTURE(f);
        CHECK_FALSE(kernel_of(one_node(of_x(f, ""))).empty());
        CHECK(difference(one_node(of_x(f, "")), waves({2, 4, 6})) < 1e-6F);
    }
}

TEST_CASE("operations that no request says are left to the table") {
    const std::vector<Called> nodes = {
        of_x("__operators__.getitem", R"("slice_spec": [{"start": null, "stop": null, "step": 2}])"),
        of_x("__operators__.getitem", R"("slice_spec": [{"start": null, "stop": null, "step": -1}])"),
        of_x("pad", R"("paddings": [[0, 1], [2, 0], [0, 3]], "constant_values": 1)"),
        of_x("pad", R"("paddings": [[0, 1], [2, 0], [0, 3]], "mode": "REFLECT")"),
        of_x("math.reduce_mean", R"("axis": [0, 2])"),
        of_x("nn.silu", R"("beta": 0.5)"),
        of_x("cast", R"("dtype": "int32")"),
        of_x("cast", R"("dtype": "float64")")};
    for (const Called& node : nodes) {
        CAPTURE(node.inbound);
        CHECK(kernel_of(one_node(node)).empty());
        CHECK_NOTHROW(one_node(node).predict({waves({2, 4, 6})}));
    }
}

namespace {

/// x · sixth(relu6(x + 3)) behind a Dense layer; the outputs are those.
std::string hard_swish(const Called& sixth, const std::string& outputs) {
    return model_json(
        "5",
        {{"dense", "Dense", R"("units": 7)", R"([["x", 0, 0, {}]])"},
         function("add", "__operators__.add", R"(["dense", 0, 0, {"y": 3.0}])"),
         {"relu", "ReLU", R"("max_value": 6.0)", R"([["add", 0, 0, {}]])"},
         sixth,
         {"product", "Multiply", R"("trainable": true)", R"([["dense", 0, 0, {}], ["sixth", 0, 0, {}]])"}},
        outputs);
}

}  // namespace

TEST_CASE("hard-swish written as operations goes into the kernel before it") {
    const std::string product = R"([["product", 0, 0]])";
    const Called by_factor = function("sixth", "math.multiply", R"(["relu", 0, 0, {"y": 0.16666666666666666}])");
    const Called by_divisor = function("sixth", "math.truediv", R"(["relu", 0, 0, {"y": 6.0}])");
    for (const Called& sixth : {by_factor, by_divisor}) {
        CHECK(kernels_of(hard_swish(sixth, product), {2, 5}) == std::vector<std::string>{"product"});
        Tensor x = waves({40, 5});
        for (float& value : x.mutable_values<float>()) value *= 6;
        CHECK(difference(Model::from_json(hard_swish(sixth, product), {}, 2), x) < 1e-5F);
    }
    const Called by_seven = function("sixth", "math.truediv", R"(["relu", 0, 0, {"y": 7.0}])");
    CHECK(kernels_of(hard_swish(by_seven, product), {2, 5}).size() == 4);
    const std::string both = R"([["product", 0, 0], ["sixth", 0, 0]])";
    CHECK(kernels_of(hard_swish(by_factor, both), {2, 5}) ==
          std::vector<std::string>{"product", "elementwise", "combine"});
    CHECK(difference(Model::from_json(hard_swish(by_factor, both), {}, 2), waves({4, 5})) < 1e-5F);
}
