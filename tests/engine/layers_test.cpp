// Edges of single layers: masks, dtypes, refusals. Numbers marked "measured" come from Keras 2.15 and 3.12.
#include <catch2/catch.hpp>

#include "engine/layer.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;

namespace {

struct Made {
    std::unique_ptr<Layer> layer;

    Made(const std::string& class_name, const Value& fields, Dialect dialect = Dialect::keras3,
         const Value& call = Value::Object{}) {
        layer = make_layer(class_name);
        layer->set_context({"l", dialect, DType::float32, DType::float32});
        const Config config(fields), options(call);
        ConfigReader reader(config, dialect), call_reader(options, dialect);
        layer->config(reader);
        reader.finish();
        layer->call_config(call_reader);
        call_reader.finish();
        reader.problems().throw_if_any();
        call_reader.problems().throw_if_any();
    }

    Shape shape(const Shapes& in) const { return layer->compute_output_shape(in).front(); }

    Tensors run(const Tensors& x, const Masks& masks = {}, const Weights& weights = {}) const {
        Shapes in;
        DTypes dtypes;
        for (const Tensor& tensor : x) {
            in.push_back(tensor.shape());
            dtypes.push_back(tensor.dtype());
        }
        DTypes out = layer->compute_output_dtype(dtypes);
        Tensors y;
        for (const Shape& dims : layer->compute_output_shape(in)) y.emplace_back(out.front(), dims);
        if (masks.empty()) layer->call(x, weights, y);
        else layer->call_masked(x, masks, weights, y);
        return y;
    }
};

Tensor floats(const Shape& shape, const std::vector<float>& values) { return Tensor::from(shape, values); }

Tensor flags(const Shape& shape, const std::vector<std::uint8_t>& values) {
    return Tensor::from(shape, values).cast(DType::boolean);
}

std::vector<float> numbers(const Tensor& tensor) {
    return {tensor.values<float>().begin(), tensor.values<float>().end()};
}

std::vector<int> bits(const Tensor& mask) { return {mask.values<bool>().begin(), mask.values<bool>().end()}; }

const Value none = Value::Object{};

}  // namespace

TEST_CASE("masked merges, measured") {
    // Two inputs whose masked steps were zeroed: steps 0 and 2 of the first, 1 and 2 of the second.
    const Tensors x = {floats({1, 4, 1}, {0, 2, 0, 4}), floats({1, 4, 1}, {5, 0, 0, 1})};
    const Masks masks = {flags({1, 4}, {0, 1, 0, 1}), flags({1, 4}, {1, 0, 0, 1})};
    const Tensors half_masked = {x[0], floats({1, 4, 1}, {5, 9, 9, 1})};
    const Masks first_mask = {masks[0], Tensor()};
    const auto merged = [&](const std::string& name, Dialect dialect, bool both) {
        return numbers(Made(name, none, dialect).run(both ? x : half_masked, both ? masks : first_mask)[0]);
    };
    CHECK(merged("Multiply", Dialect::keras3, true) == std::vector<float>{5, 2, 0, 4});
    CHECK(merged("Multiply", Dialect::keras3, false) == std::vector<float>{5, 18, 9, 4});
    CHECK(merged("Multiply", Dialect::keras2, true) == std::vector<float>{0, 0, 0, 4});
    CHECK(merged("Maximum", Dialect::keras3, true) == std::vector<float>{5, 2, 0, 4});
    CHECK(merged("Minimum", Dialect::keras3, true) == std::vector<float>{5, 2, 0, 1});
    CHECK(merged("Minimum", Dialect::keras3, false) == std::vector<float>{5, 2, 9, 1});
    CHECK(merged("Minimum", Dialect::keras2, false) == std::vector<float>{0, 2, 0, 1});
    CHECK(merged("Add", Dialect::keras3, true) == std::vector<float>{5, 2, 0, 5});
}

TEST_CASE("masks of merges and of concatenation") {
    const Masks masks = {flags({1, 3}, {1, 1, 0}), flags({1, 3}, {1, 0, 0})};
    const Tensors x = {floats({1, 3, 1}, {1, 2, 3}), floats({1, 3, 1}, {4, 5, 6})};
    CHECK(bits(Made("Add", none, Dialect::keras2).layer->compute_mask(x, masks)[0]) == std::vector<int>{1, 0, 0});
    CHECK(bits(Made("Add", none).layer->compute_mask(x, masks)[0]) == std::vector<int>{1, 1, 0});
    CHECK(bits(Made("Add", none, Dialect::keras2).layer->compute_mask(x, {masks[0], {}})[0]) ==
          std::vector<int>{1, 1, 0});
    CHECK_FALSE(Made("Add", none).layer->compute_mask(x, {masks[0], {}})[0].has_value());
    const Value last = Value::object({{"axis", -1}}), time = Value::object({{"axis", 1}});
    CHECK(bits(Made("Concatenate", last, Dialect::keras2).layer->compute_mask(x, masks)[0]) ==
          std::vector<int>{1, 0, 0});
    CHECK(bits(Made("Concatenate", last).layer->compute_mask(x, masks)[0]) == std::vector<int>{1, 1, 0});
    CHECK(bits(Made("Concatenate", time).layer->compute_mask(x, {{}, masks[1]})[0]) ==
          std::vector<int>{1, 1, 1, 1, 0, 0});
    CHECK_FALSE(Made("Concatenate", time).layer->compute_mask(x, {{}, {}})[0].has_value());
}

TEST_CASE("attention rows that may look at nothing, measured") {
    const auto attend = [](Dialect dialect, double dropout, bool scores) {
        const Made layer("MultiHeadAttention",
                         Value::object({{"num_heads", 1}, {"key_dim", 2}, {"use_bias", false}, {"dropout", dropout}}),
                         dialect, Value::object({{"return_attention_scores", scores}}));
        Weights weights;
        for (const WeightSpec& spec : layer.layer->weights({{1, 3, 2}, {1, 3, 2}})) {
            Tensor half(DType::float32, spec.shape);
            for (float& value : half.mutable_values<float>()) value = 0.5F;
            weights.add(spec.name, half);
        }
        const Tensor x = floats({1, 3, 2}, {0, 0, 1, 2, 3, 1}), mask = flags({1, 3}, {0, 1, 1});
        return numbers(layer.run({x, x}, {mask, mask}, weights)[0]);
    };
    const auto first_row = [&](Dialect dialect, double dropout, bool scores) {
        const std::vector<float> y = attend(dialect, dropout, scores);
        CHECK(y[2] == Approx(1.87141).epsilon(1e-5));
        CHECK(y[4] == Approx(1.90221).epsilon(1e-5));
        return y[0];
    };
    CHECK(first_row(Dialect::keras2, 0, false) == Approx(1.16667).epsilon(1e-5));
    CHECK(first_row(Dialect::keras2, 0.1, true) == Approx(1.16667).epsilon(1e-5));
    CHECK(first_row(Dialect::keras3, 0, false) == Approx(1.16667).epsilon(1e-5));
    CHECK(first_row(Dialect::keras3, 0.1, false) == 0);
    CHECK(first_row(Dialect::keras3, 0, true) == 0);
}

TEST_CASE("embedding ids") {
    const Value fields = Value::object({{"input_dim", 3}, {"output_dim", 1}, {"mask_zero", true}});
    Weights weights;
    weights.add("embeddings", floats({3, 1}, {10, 11, 12}));
    const auto look_up = [&](Dialect dialect, std::int64_t id) {
        const Tensor ids = Tensor::from(Shape{1, 1}, std::vector<std::int64_t>{id});
        Tensors y = {Tensor(DType::float32, {1, 1, 1})};
        Made("Embedding", fields, dialect).layer->call({ids}, weights, y);
        return numbers(y[0])[0];
    };
    CHECK(look_up(Dialect::keras3, 2) == 12);
    CHECK(look_up(Dialect::keras3, -1) == 12);
    CHECK(look_up(Dialect::keras3, -3) == 10);
    CHECK(complaint_of([&] { look_up(Dialect::keras2, -1); }) == "input: wanted ids below 3, found -1");
    CHECK(complaint_of([&] { look_up(Dialect::keras3, -4); }) == "input: wanted ids below 3, found -4");
    CHECK(complaint_of([&] { look_up(Dialect::keras3, 3); }) == "input: wanted ids below 3, found 3");
    const Made layer("Embedding", fields);
    Tensors y = {Tensor(DType::float32, {1, 2, 1})};
    layer.layer->call({floats({1, 2}, {1.9F, 0})}, weights, y);
    CHECK(numbers(y[0]) == std::vector<float>{11, 10});
    CHECK(complaint_of([&] {
              layer.layer->call({floats({1, 2}, {NAN, 0})}, weights, y);
          }) == "input: wanted an id, found nan");
    CHECK(bits(layer.layer->compute_mask({floats({1, 2}, {1, 0})}, {})[0]) == std::vector<int>{1, 0});
}

TEST_CASE("integers stay integers where Keras keeps them") {
    const Tensor a = Tensor::from(Shape{1, 2}, std::vector<std::int32_t>{7, 2});
    const Tensor b = Tensor::from(Shape{1, 2}, std::vector<std::int32_t>{2, 2});
    CHECK(Made("Add", none).run({a, b})[0].values<std::int32_t>()[0] == 9);
    CHECK(Made("Average", none).run({a, b})[0].values<double>()[0] == 4.5);
    CHECK(Made("Concatenate", none).run({a, b})[0].shape() == Shape{1, 4});
    CHECK(Made("Add", none).run({a, floats({1, 2}, {0.5F, 1})})[0].values<float>()[0] == 7.5F);
    CHECK(Made("Masking", Value::object({{"mask_value", 2}})).run({b})[0].values<std::int32_t>()[0] == 0);
    const Tensor words = Tensor::strings({1, 2}, {"a", "b"});
    CHECK(Made("Flatten", none).run({words})[0].string_values()[1] == "b");
    CHECK(Made("RepeatVector", Value::object({{"n", 2}})).run({words})[0].string_values()[3] == "b");
}

TEST_CASE("shapes with unknown dimensions, and shapes that do not fit") {
    const std::int64_t open = Shape::unknown;
    const auto reshape = [](std::initializer_list<Value> dims, const Shape& in) {
        return Made("Reshape", Value::object({{"target_shape", Value::array(dims)}})).shape({in});
    };
    CHECK(reshape({-1, 2}, {open, 4, 3}) == Shape{open, 6, 2});
    CHECK(reshape({-1, 2}, {open, open, 3}) == Shape{open, open, 2});
    CHECK(complaint_of([&] {
              reshape({-1, 5}, {open, 4, 3});
          }) == "shape: cannot reshape (None, 4, 3) to target shape (None, 5)");
    CHECK(complaint_of([&] { reshape({-1, -1}, {open, 4}); }).find("at most one of them -1") != std::string::npos);
    CHECK(complaint_of([&] {
              reshape({std::int64_t{1} << 40, std::int64_t{1} << 40}, {open, 4});
          }).substr(0, 7) == "refused");
    CHECK(Made("Flatten", none).shape({{open, open, 3}}) == Shape{open, open});
    CHECK(Made("Flatten", none).shape({{open}}) == Shape{open, 1});
    CHECK(Made("Add", none).shape({{open, 4, 3}, {2, 3}}) == Shape{2, 4, 3});
    CHECK(complaint_of([&] { Made("Add", none).shape({{open, 4}, {open, 3}}); }).substr(0, 5) == "shape");
    CHECK(complaint_of([&] { Made("Subtract", none).shape({{open, 4}}); }) == "shape: wanted 2 inputs, found 1");
    CHECK(Made("Concatenate", Value::object({{"axis", 1}})).shape({{open, open, 3}, {open, 2, 3}}) ==
          Shape{open, open, 3});
    CHECK(complaint_of([&] { Made("Concatenate", none).shape({{open, 4, 1}, {open, 5, 1}}); }).substr(0, 5) == "shape");
    CHECK(complaint_of([&] {
              Made("Permute", Value::object({{"dims", Value::array({1, 3})}}));
          }).find("must be the numbers from 1 in some order") != std::string::npos);
    const Value pair = Value::object({{"axes", Value::array({1, 2})}});
    CHECK(Made("Dot", pair).shape({{open, 4, 3}, {open, 5, 4}}) == Shape{open, 3, 5});
    CHECK(complaint_of([&] { Made("Dot", pair).shape({{open, 4, 3}, {open, 5, 3}}); }).substr(0, 5) == "shape");
    CHECK(complaint_of([&] {
              Made("BatchNormalization", Value::object({{"axis", 4}})).shape({{open, 4}});
          }) == "config: axis 4 is outside a tensor of rank 2");
    CHECK(complaint_of([&] {
              Made("LayerNormalization", Value::object({{"axis", Value::array({1, -1})}})).shape({{2, 4}});
          }).find("axis 1 is named twice") != std::string::npos);
    CHECK(complaint_of([&] {
              Made("GroupNormalization", Value::object({{"groups", 3}})).shape({{open, 4}});
          }).find("wanted channels in 3 equal groups") != std::string::npos);
}

TEST_CASE("a wrapped layer is read, checked and written back") {
    const auto wrapped = [](const Value& config) {
        const Value layer = Value::object({{"class_name", "Dense"}, {"config", config}});
        return Value::object({{"layer", layer}, {"power_iterations", 1}});
    };
    const Value fields = wrapped(Value::object({{"name", "d"}, {"units", 2}}));
    const Made made("SpectralNormalization", fields);
    const WeightSpecs weights = made.layer->weights({{1, 3}});
    REQUIRE(weights.size() == 3);
    CHECK(weights[0].name == "layer/kernel");
    CHECK(weights[2].shape == Shape{1, 2});
    CHECK_FALSE(weights[2].trainable);
    CHECK(complaint_of([&] {
              Made("SpectralNormalization", wrapped(Value::object({{"name", "d"}})));
          }).find("wrapped layer 'd' (Dense): config key 'units'") != std::string::npos);
    const Value half = wrapped(Value::object({{"name", "d"}, {"units", 2}, {"dtype", "float16"}}));
    CHECK(complaint_of([&] { Made("SpectralNormalization", half); }).find("wanted the wrapper's float32") !=
          std::string::npos);
}

TEST_CASE("configs come back as they were read") {
    const Value glorot = Value::object({{"module", "keras.initializers"},
                                        {"class_name", "GlorotUniform"},
                                        {"config", Value::object({{"seed", nullptr}})},
                                        {"registered_name", nullptr}});
    const Value dense = Value::object({{"name", "d"}, {"units", 2}, {"activation", nullptr}, {"use_bias", false}});
    const auto same = [](const std::string& class_name, const Value& fields, Dialect dialect = Dialect::keras2) {
        CAPTURE(class_name);
        const Made made(class_name, fields, dialect);
        ConfigWriter writer(fields, dialect);
        made.layer->config(writer);
        for (const auto& [key, value] : *fields.object()) {
            CAPTURE(key);
            REQUIRE(writer.value().find(key) != nullptr);
            CHECK(to_json(*writer.value().find(key)) == to_json(value));
        }
    };
    same("Dense", Value::object({{"units", 3}, {"activation", "swish"}, {"kernel_initializer", glorot}}));
    same("LeakyReLU", Value::object({{"alpha", 0.5}}));
    same("ReLU", Value::object({{"max_value", nullptr}, {"negative_slope", 0.25}, {"threshold", 1.5}}));
    same("Softmax", Value::object({{"axis", Value::array({1, 2})}}));
    same("PReLU", Value::object({{"shared_axes", nullptr}, {"alpha_initializer", "zeros"}}));
    same("BatchNormalization", Value::object({{"axis", Value::array({3})}, {"momentum", 0.5}, {"epsilon", 0.01}}));
    same("LayerNormalization", Value::object({{"axis", -1}, {"rms_scaling", true}}), Dialect::keras3);
    same("Normalization", Value::object({{"axis", nullptr}, {"mean", 2.5}, {"variance", Value::array({1.5})}}));
    same("Rescaling", Value::object({{"scale", Value::array({0.5, 2.0})}, {"offset", -1}}));
    same("Dot", Value::object({{"axes", Value::array({1, 2})}, {"normalize", true}}));
    same("EinsumDense",
         Value::object(
             {{"output_shape", Value::array({nullptr, 5})}, {"equation", "abc,cd->abd"}, {"bias_axes", nullptr}}));
    same("SpectralNormalization",
         Value::object({{"layer", Value::object({{"class_name", "Dense"}, {"config", dense}})}}));
    same("MultiHeadAttention", Value::object({{"num_heads", 2},
                                              {"key_dim", 3},
                                              {"value_dim", nullptr},
                                              {"output_shape", 7},
                                              {"attention_axes", Value::array({1})}}));
}

TEST_CASE("masks that do not fit are refused") {
    const Tensor x = floats({1, 2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK(complaint_of([&] {
              Made("Softmax", none).run({x}, {flags({1, 2}, {1, 0})});
          }) == "shape: inputs of shapes (1, 2) and (1, 2, 3) cannot be broadcast together");
}
