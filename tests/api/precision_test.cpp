// Weights of fewer bits, against weights that are rounded here and computed by the reference.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

float to_int8(float x, float factor) { return factor == 0 ? 0 : std::nearbyint(x / factor) * factor; }

Tensor rounded(const Tensor& weights, DType precision) {
    if (precision == DType::bfloat16) return weights.cast(precision).cast(DType::float32);
    Tensor out = weights;
    const auto n = static_cast<std::size_t>(weights.shape().back());
    const auto from = weights.values<float>();
    const auto to = out.mutable_values<float>();
    for (std::size_t column = 0; column < n; ++column) {
        float most = 0;
        for (std::size_t i = column; i < from.size(); i += n) most = std::max(most, std::abs(from[i]));
        for (std::size_t i = column; i < from.size(); i += n) to[i] = to_int8(from[i], most / 127);
    }
    return out;
}

/// Kernels rounded, biases as they are.
Model with_rounded_weights(const Model& model, DType precision) {
    Tensors weights;
    for (const NamedTensor& weight : model.get_weights())
        weights.push_back(weight.name.ends_with("kernel") ? rounded(weight.tensor, precision) : weight.tensor);
    return model.set_weights(weights);
}

Tensor waves(const Shape& shape) {
    Tensor x(DType::float32, shape);
    float at = 0;
    for (float& value : x.mutable_values<float>()) value = std::sin(at += 0.7F);
    return x;
}

double distance(const Tensor& a, const Tensor& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.elements(); ++i)
        most = std::max(most, static_cast<double>(std::abs(a.values<float>()[i] - b.values<float>()[i])));
    return most;
}

Model stack(const char* layer, const Config& config) {
    Sequential net;
    net.input({5, 7});
    net.add(layer, config);
    net.add("Dense", {{"units", 19}, {"activation", "tanh"}, {"bias_initializer", "random_normal"}});
    return net.build(3);
}

}  // namespace

TEST_CASE("weights of fewer bits compute as those numbers do, for few rows and for many") {
    const Model models[] = {
        stack("LSTM", {{"units", 21}, {"bias_initializer", "random_normal"}}),
        stack("GRU", {{"units", 33}, {"bias_initializer", "random_normal"}}),
        stack("GRU", {{"units", 18}, {"reset_after", false}}),
        stack("SimpleRNN", {{"units", 9}}),
        stack("Flatten", {}),
    };
    for (const Model& model : models)
        for (const DType precision : {DType::bfloat16, DType::int8}) {
            const Model wanted = with_rounded_weights(model, precision);
            for (const std::int64_t batch : {1, 3, 40}) {
                const Tensors x = {waves({batch, 5, 7})};
                const Tensor found = model.context({.precision = precision}).predict(x)[0];
                INFO(model.summary() << precision << ", batch " << batch);
                CHECK(distance(found, wanted.context({.reference = true}).predict(x)[0]) < 2e-6);
                CHECK(distance(found, model.predict(x)[0]) > 1e-5);
            }
        }
}

TEST_CASE("precisions that nothing is computed in are refused") {
    const Model model = stack("Flatten", {});
    CHECK_THROWS_WITH(model.context({.precision = DType::float16}), Catch::Contains("found float16"));
    CHECK_THROWS_WITH(model.context({.exact = true, .precision = DType::int8}), Catch::Contains("neither exact"));
}
