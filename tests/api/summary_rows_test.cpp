// Summaries of models that no recording covers: unknown layers, forced styles, other terminals, JSON.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "api/summary/summary.hpp"
#include "formats/json/text.hpp"

using namespace layerctl;
using Json = nlohmann::json;
using Style = SummaryOptions::Style;

namespace {

Json layer(const std::string& class_name, const std::string& name, Json config = Json::object()) {
    config["name"] = name;
    return {{"class_name", class_name}, {"config", config}};
}

Json sequential(const std::string& name, const Json& layers) {
    return {{"class_name", "Sequential"}, {"config", {{"name", name}, {"layers", layers}}}};
}

Json input(int units) { return layer("InputLayer", "in", {{"batch_input_shape", {nullptr, units}}}); }

ModelSpec spec_of(const Json& envelope, Dialect dialect = Dialect::keras2) {
    return parse_model(formats::parse_json(envelope.dump()), dialect);
}

void store(ModelSpec& spec, const std::string& layer, const std::vector<std::pair<std::string, Shape>>& weights) {
    spec.weights.layout = WeightLayout::by_order;
    WeightGroup group{layer, {}};
    for (const auto& [name, shape] : weights) group.weights.push_back({name, DType::float32, shape, nullptr});
    spec.weights.groups.push_back(group);
}

Graph graph_of(const ModelSpec& spec) {
    Problems problems;
    return build_graph(std::make_shared<ModelSpec>(spec), nullptr, problems);
}

Json json_of(const ModelSpec& spec) { return Json::parse(summary_json_text(graph_of(spec))); }

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

SummaryOptions in_style(Style style) {
    SummaryOptions options;
    options.style = style;
    return options;
}

const Json with_unknown_layer =
    sequential("net", {input(3), layer("Mystery", "odd"), layer("Dense", "d", {{"units", 2}})});

}  // namespace

TEST_CASE("an unknown layer is counted from the file, and so is what comes after it") {
    ModelSpec spec = spec_of(with_unknown_layer);
    store(spec, "odd", {{"odd/scale:0", {3}}});
    store(spec, "d", {{"d/kernel:0", {3, 2}}, {"d/bias:0", {2}}});
    const std::string text = summary_text(graph_of(spec), {});
    CHECK(has_line(text, " odd (Mystery)               ?                         3         "));
    CHECK(has_line(text, " d (Dense)                   ?                         8         "));
    CHECK(has_line(text, "Total params: 11 (44.00 Byte)"));
    CHECK(has_line(text, "Trainable params: 11 (44.00 Byte)"));
}

TEST_CASE("without stored weights an unknown layer has no count") {
    const Graph graph = graph_of(spec_of(with_unknown_layer));
    CHECK(has_line(summary_text(graph, in_style(Style::keras2)),
                   " odd (Mystery)               ?                         0 (unused)"));
    CHECK(has_line(summary_text(graph, in_style(Style::keras3)),
                   "│ odd (Mystery)                   │ ?                      │   0 (unbuilt) │"));
    CHECK(Json::parse(summary_json_text(graph))["layers"][0]["params"].is_null());
}

TEST_CASE("a frozen unknown layer counts as not trainable") {
    ModelSpec spec = spec_of(sequential("net", {input(3), layer("Mystery", "odd", {{"trainable", false}})}));
    store(spec, "odd", {{"odd/scale:0", {3}}});
    CHECK(json_of(spec)["non_trainable_params"] == 3);
    CHECK(json_of(spec)["trainable_params"] == 0);
}

TEST_CASE("an unknown layer in a nested model takes the arrays stored under its name") {
    const Json inner = sequential("inner", {input(3), layer("Dense", "a", {{"units", 2}}), layer("Mystery", "odd")});
    ModelSpec spec = spec_of(sequential("net", {input(3), inner}));
    store(spec, "inner", {{"a/kernel:0", {3, 2}}, {"a/bias:0", {2}}, {"inner/odd/scale:0", {5}}});
    const Json nested = json_of(spec)["layers"][0];
    CHECK(nested["params"] == 13);
    CHECK(nested["layers"][0]["params"] == 8);
    CHECK(nested["layers"][0]["output_shape"] == Json({nullptr, 2}));
    CHECK(nested["layers"][1]["params"] == 5);
    CHECK(nested["layers"][1]["output_shape"].is_null());
}

TEST_CASE("a nested Sequential without an input shape shows the one it is called on") {
    const Json inner = sequential("inner", Json::array({layer("Dense", "a", {{"units", 2}})}));
    const Json nested = json_of(spec_of(sequential("net", {input(3), inner})))["layers"][0];
    CHECK(nested["layers"][0]["params"] == 8);
    CHECK(nested["layers"][0]["output_shape"] == Json({nullptr, 2}));
}

TEST_CASE("a Keras 3 table is as wide as the terminal lets it be") {
    const Graph graph = graph_of(spec_of(sequential("net", {input(3), layer("Dense", "d", {{"units", 2}})})));
    SummaryOptions options = in_style(Style::keras3);
    options.terminal = 120;
    CHECK(has_line(summary_text(graph, options),
                   "│ d (Dense)                            │ (None, 2)                   │               8 │"));
    options.terminal = 50;
    CHECK(has_line(summary_text(graph, options), "│ d (Dense)         │ (None, 2)    │       8 │"));
}

TEST_CASE("the optimizer counts in the style of Keras 3 only") {
    ModelSpec spec = spec_of(sequential("net", {input(3), layer("Dense", "d", {{"units", 2}})}));
    spec.weights.optimizer = {{"adam/iteration", DType::int64, {}, nullptr},
                              {"adam/learning_rate", DType::float32, {}, nullptr},
                              {"adam/d_kernel_momentum", DType::float32, {3, 2}, nullptr}};
    const std::string text = summary_text(graph_of(spec), in_style(Style::keras3));
    CHECK(has_line(text, " Total params: 16 (68.00 B)"));
    CHECK(has_line(text, " Optimizer params: 8 (36.00 B)"));
    CHECK(has_line(summary_text(graph_of(spec), in_style(Style::keras2)), "Total params: 8 (32.00 Byte)"));
    CHECK(json_of(spec)["optimizer_params"] == 8);
}

TEST_CASE("an optimizer that has only counters is one that never made a step, unless it is plain SGD") {
    ModelSpec spec = spec_of(sequential("net", {input(3), layer("Dense", "d", {{"units", 2}})}));
    std::int64_t steps = 1;
    spec.weights.optimizer = {
        {"x/iteration", DType::int64, {}, [&] { return Tensor::from(Shape{}, std::vector{steps}); }},
        {"x/learning_rate", DType::float32, {}, nullptr}};
    spec.metadata.training_config = R"({"optimizer_config": {"class_name": "Adam", "config": {}}})";
    CHECK_FALSE(json_of(spec).contains("optimizer_params"));
    spec.metadata.training_config = R"({"optimizer_config": {"class_name": "SGD", "config": {}}})";
    CHECK(json_of(spec)["optimizer_params"] == 2);
    steps = 0;
    CHECK_FALSE(json_of(spec).contains("optimizer_params"));
    spec.metadata.training_config = "{";
    CHECK_FALSE(json_of(spec).contains("optimizer_params"));
}

TEST_CASE("names cannot steer the terminal") {
    const Graph graph =
        graph_of(spec_of(sequential("a\x1b[2J", {input(3), layer("Dense", "d\n\u009b", {{"units", 2}})})));
    for (const Style style : {Style::keras2, Style::keras3}) {
        const std::string text = summary_text(graph, in_style(style));
        CHECK(has_line(text, R"(Model: "a\x1b[2J")"));
        CHECK(text.find(R"( d\x0a\x9b (Dense) )") != std::string::npos);
    }
}

TEST_CASE("the JSON of a functional model tells what each layer reads") {
    const auto tensor = [](const std::string& from) { return Json{{{from, 0, 0, Json::object()}}}; };
    const auto called = [](Json layer, const Json& inbound_nodes) {
        layer["name"] = layer["config"]["name"];
        layer["inbound_nodes"] = inbound_nodes;
        return layer;
    };
    const Json envelope = {
        {"class_name", "Functional"},
        {"config",
         {{"name", "net"},
          {"layers", {called(input(3), Json::array()), called(layer("Dense", "d", {{"units", 2}}), tensor("in"))}},
          {"input_layers", {{"in", 0, 0}}},
          {"output_layers", {{"d", 0, 0}}}}}};
    const Json summary = json_of(spec_of(envelope));
    CHECK(summary["class_name"] == "Functional");
    CHECK(summary["layers"][0]["connected_to"].empty());
    CHECK(summary["layers"][1]["connected_to"] == Json({{{"layer", "in"}, {"node", 0}, {"tensor", 0}}}));
    CHECK(summary["total_params"] == 8);
    CHECK(summary["total_bytes"] == 32);
}
