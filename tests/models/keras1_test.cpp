// Configs of Keras 1 in the terms of Keras 2, where no file of Keras 1 shows it.
#include <catch2/catch.hpp>

#include "models/keras1/keras1.hpp"

namespace layerctl {
namespace {

Value layer(const char* class_name, Value config) {
    return Value::object({{"class_name", class_name}, {"config", std::move(config)}});
}

std::string translated(const char* class_name, Value config, const char* dim_ordering = "tf") {
    return to_json(keras1::translated(layer(class_name, std::move(config)), dim_ordering));
}

TEST_CASE("classes, keys and values get their names of Keras 2") {
    CHECK(translated("Convolution2D", Value::object({{"nb_filter", 4},
                                                     {"nb_row", 3},
                                                     {"nb_col", 2},
                                                     {"dim_ordering", "th"},
                                                     {"W_constraint", Value::object({{"name", "MaxNorm"}, {"m", 2}})},
                                                     {"bias", false}})) ==
          R"({"class_name": "Conv2D", "config": {"filters": 4, "data_format": "channels_first", )"
          R"("kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 2}}, )"
          R"("use_bias": false, "kernel_size": [3, 2]}})");
}

TEST_CASE("a key means what its class says") {
    CHECK(translated("Embedding", Value::object({{"input_dim", 9}, {"output_dim", 3}, {"init", "uniform"}})) ==
          R"({"class_name": "Embedding", "config": {"input_dim": 9, "output_dim": 3, )"
          R"("embeddings_initializer": "uniform"}})");
    CHECK(translated("Dense", Value::object({{"input_dim", 9}, {"output_dim", 3}})) ==
          R"({"class_name": "Dense", "config": {"units": 3}})");
}

TEST_CASE("layers that leave their order of axes unsaid take that of the model") {
    CHECK(translated("UpSampling2D", Value::object({{"size", Value::array({2, 2})}}), "th") ==
          R"({"class_name": "UpSampling2D", "config": {"size": [2, 2], "data_format": "channels_first"}})");
    CHECK(keras1::dim_ordering(Value::array({layer("A", Value::object({{"dim_ordering", "th"}}))})) == "th");
    CHECK(keras1::dim_ordering(Value::array({layer("A", Value::object({{"n", 1}}))})) == "tf");
}

TEST_CASE("a class Keras 1 did not have, and a merge by a function, stay as they are") {
    const Value mine = layer("Mine", Value::object({{"init", "one"}, {"p", 1}}));
    CHECK(keras1::translated(mine, "tf") == mine);
    const Value merge = layer("Merge", Value::object({{"mode", "f"}, {"mode_type", "lambda"}}));
    CHECK(keras1::translated(merge, "tf") == merge);
}

TEST_CASE("what Keras 2 cannot say keeps its key, for the layer to refuse") {
    CHECK(translated("BatchNormalization", Value::object({{"mode", 1}})) ==
          R"({"class_name": "BatchNormalization", "config": {"mode": 1}})");
    const Value unknown = Value::array({nullptr, nullptr, 7, 3});
    CHECK(
        translated("Deconvolution2D", Value::object({{"nb_row", 3}, {"nb_col", 3}, {"output_shape", unknown}})) ==
        R"({"class_name": "Conv2DTranspose", "config": {"output_shape": [null, null, 7, 3], "kernel_size": [3, 3]}})");
}

}  // namespace
}  // namespace layerctl
