// Small models, and how far what kernels compute is from what their layers do.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>

#include "api/layerctl.hpp"
#include "engine/plan/plan.hpp"
#include "formats/load.hpp"

namespace layerctl::test {

inline Tensor waves(const Shape& shape) {
    Tensor tensor(DType::float32, shape);
    float at = 0;
    for (float& value : tensor.mutable_values<float>()) value = std::sin(at += 0.7F);
    return tensor;
}

/// The largest difference between what kernels compute and what the layers do.
inline float difference(const Model& model, const Tensors& x) {
    const Tensor wanted = model.context({.reference = true}).predict(x).front();
    const Tensor found = model.predict(x).front();
    REQUIRE(found.shape() == wanted.shape());
    float most = 0;
    for (std::size_t i = 0; i < found.elements(); ++i)
        most = std::max(most, std::abs(found.values<float>()[i] - wanted.values<float>()[i]));
    return most;
}
inline float difference(const Model& model, const Tensor& x) { return difference(model, Tensors{x}); }

inline Model one_layer(const Shape& input, const std::string& class_name, const Config& config) {
    Sequential net("one");
    net.input(input);
    net.add(class_name, config);
    return net.build(3);
}

inline std::shared_ptr<const Graph> graph_of_json(const std::string& json) {
    Problems problems;
    Graph graph = build_graph(formats::parse_model_json(json), nullptr, problems);
    problems.throw_if_any();
    initialize_weights(graph, 1);
    return std::make_shared<Graph>(std::move(graph));
}

/// The names of the kernels of a plan; "" for a step without one.
inline std::vector<std::string> kernels_of(const Plan& plan) {
    std::vector<std::string> names;
    for (const Step& step : plan.steps) names.push_back(step.kernel == nullptr ? "" : step.kernel->name());
    return names;
}

inline Plan plan_of(const Graph& graph, const Shapes& inputs) {
    PackedWeights::Store weights;
    Workers alone(1);
    return make_plan(graph, inputs, {}, weights, alone);
}

/// The same for a model built as Functional or Sequential says.
inline std::vector<std::string> kernels_of(const Model& model, const std::string& class_name, const Shapes& inputs) {
    const auto graph = graph_of_json(cat(R"({"class_name": ")", class_name, R"(", "config": )", model.get_config(),
                                         R"(, "keras_version": "3.12.0"})"));
    return kernels_of(test::plan_of(*graph, inputs));
}

}  // namespace layerctl::test
