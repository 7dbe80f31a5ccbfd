// Convolutions beyond what the golden cases show: sizes that do not fit, unknown sizes, empty batches, config
// spellings.
#include <catch2/catch.hpp>

#include "tests/engine/layer_fixture.hpp"

using namespace layerctl;
using test::counting;
using test::floats;
using test::layer;
using test::message_of;

namespace {

constexpr std::int64_t none = Shape::unknown;

Shape shape_out(const char* class_name, Value config, const Shape& in) {
    return layer(class_name, std::move(config))->compute_output_shape({in}).front();
}

std::string complaint(const char* class_name, const Value& config, const Shape& in) {
    return message_of([&] { shape_out(class_name, config, in); });
}

}  // namespace

TEST_CASE("a convolution keeps unknown sizes unknown") {
    const Value config = Value::object({{"filters", 4}, {"kernel_size", 3}, {"strides", 2}});
    CHECK(shape_out("Conv2D", config, {none, none, 7, 3}) == Shape{none, none, 3, 4});
    CHECK(shape_out("Conv2DTranspose", config, {none, none, 7, 3}) == Shape{none, none, 15, 4});
    CHECK(shape_out("DepthwiseConv2D", Value::object({{"kernel_size", 3}}), {none, 5, none, 3}) ==
          Shape{none, 3, none, 3});
}

TEST_CASE("a convolution says which sizes do not fit") {
    const Value config = Value::object({{"filters", 4}, {"kernel_size", 3}});
    CHECK(complaint("Conv2D", config, {none, 2, 7, 3}) ==
          "spatial axis 0: wanted at least 3 elements, found spatial sizes (2, 7)");
    CHECK(complaint("Conv2D", config, {none, 7, 3}) == "input must have rank 4, found shape (None, 7, 3)");
    CHECK(complaint("Conv2D", config, {none, 7, 7, none}) ==
          "the number of channels must be known, found shape (None, 7, 7, None)");
    const Value grouped = Value::object({{"filters", 4}, {"kernel_size", 3}, {"groups", 2}});
    CHECK(complaint("Conv1D", grouped, {none, 7, 3}) == "wanted channels divisible by 2 groups, found 3");
    const Value uneven = Value::object({{"filters", 3}, {"kernel_size", 3}, {"groups", 2}});
    CHECK(complaint("Conv1D", uneven, {none, 7, 4}) == "wanted filters divisible by 2 groups, found 3");
}

TEST_CASE("a convolution refuses config values that mean nothing") {
    const auto refused = [](const char* key, const Value& value) {
        Value config = Value::object({{"filters", 4}, {"kernel_size", 3}});
        config.set(key, value);
        return message_of([&] { layer("Conv2D", config); });
    };
    CHECK(refused("strides", 0) == "config key 'strides': must be positive, found 0");
    CHECK(refused("padding", "causal") == "config key 'padding': must be 'valid' or 'same', found \"causal\"");
    CHECK(refused("padding", "full") ==
          "config key 'padding': wanted one of 'valid', 'same', 'causal', found \"full\"");
    CHECK(refused("kernel_size", Value::array({3})) ==
          "config key 'kernel_size': wanted an integer or a list of 2 integers, found [3]");
    CHECK_FALSE(refused("filters", -1).empty());
}

TEST_CASE("sizes from a file cannot overflow") {
    constexpr std::int64_t huge = std::int64_t{1} << 62;
    const Value wide = Value::object({{"filters", 4}, {"kernel_size", huge}, {"dilation_rate", 4}});
    CHECK_THROWS_AS(shape_out("Conv1D", wide, {none, none, 3}), Error);
    const Value many = Value::object({{"kernel_size", 1}, {"depth_multiplier", huge}});
    CHECK_THROWS_AS(shape_out("DepthwiseConv1D", many, {none, 5, 3}), Error);
    CHECK_THROWS_AS(shape_out("UpSampling1D", Value::object({{"size", huge}}), {none, 5, 3}), Error);
    CHECK(layer("Conv1D", Value::object({{"filters", huge}, {"kernel_size", 1}}))->weights({{none, 5, 3}}).size() == 2);
}

TEST_CASE("convolutions of an empty batch are empty") {
    const auto conv = layer("Conv2D", Value::object({{"filters", 2}, {"kernel_size", 3}, {"padding", "same"}}));
    const Tensors weights = {counting({3, 3, 1, 2}), counting({2})};
    CHECK(test::run(*conv, Tensor(DType::float32, {0, 4, 4, 1}), weights).shape() == Shape{0, 4, 4, 2});
}

TEST_CASE("causal and dilated convolutions look back only") {
    const auto conv = layer(
        "Conv1D",
        Value::object(
            {{"filters", 1}, {"kernel_size", 2}, {"padding", "causal"}, {"dilation_rate", 2}, {"use_bias", false}}));
    const Tensor kernel = Tensor::from<float>({2, 1, 1}, std::vector<float>{10, 1});
    CHECK(floats(test::run(*conv, counting({1, 5, 1}), {kernel})) == std::vector<float>{0, 1, 2, 13, 24});
}

TEST_CASE("patches are gathered block by block") {
    const auto conv = layer("Conv1D", Value::object({{"filters", 1}, {"kernel_size", 200}, {"use_bias", false}}));
    const std::int64_t channels = 64, steps = 400;  // 12,800 numbers a row: 163 of the 201 rows fill a block
    const Tensor ones = Tensor::from<float>({200, channels, 1}, std::vector<float>(12800, 1.0F));
    std::vector<float> x(static_cast<std::size_t>(steps * channels));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i / 64);
    const auto y = floats(test::run(*conv, Tensor::from({1, steps, channels}, x), {ones}));
    REQUIRE(y.size() == 201);
    for (std::size_t t = 0; t < y.size(); ++t) CHECK(y[t] == 64.0F * (200.0F * static_cast<float>(t) + 19900.0F));
}

TEST_CASE("an activation of a channels_first convolution acts on the last axis, as in Keras") {
    const auto conv = layer("Conv1D", Value::object({{"filters", 2},
                                                     {"kernel_size", 1},
                                                     {"use_bias", false},
                                                     {"activation", "softmax"},
                                                     {"data_format", "channels_first"}}));
    const Tensor kernel = Tensor::from<float>({1, 1, 2}, std::vector<float>{0, 0});
    CHECK(floats(test::run(*conv, counting({1, 1, 4}), {kernel})) == std::vector<float>(8, 0.25F));
}

TEST_CASE("a transposed convolution rejects output_padding no convolution could undo") {
    const Value config =
        Value::object({{"filters", 1}, {"kernel_size", 2}, {"strides", 2}, {"padding", "same"}, {"output_padding", 0}});
    CHECK(complaint("Conv1DTranspose", config, {none, 4, 1}) ==
          "output_padding leads to spatial sizes (6,), which a convolution does not take back to (4,)");
}

TEST_CASE("config values are written back as they were spelled") {
    const auto unchanged = [](const char* class_name, const Value& config, Dialect dialect = Dialect::keras2) {
        const Value written = test::written(class_name, config, dialect);
        for (const auto& [key, value] : *config.object()) {
            INFO(class_name << " " << key << ": " << to_json(*written.find(key)));
            CHECK(*written.find(key) == value);
        }
    };
    unchanged("Conv2D", Value::object({{"filters", 4}, {"kernel_size", 3}, {"data_format", nullptr}}));
    unchanged("MaxPooling2D", Value::object({{"pool_size", Value::array({3, 3})}, {"strides", nullptr}}));
    unchanged("ZeroPadding2D", Value::object({{"padding", Value::array({1, 2})}}));
    unchanged("Cropping3D", Value::object({{"cropping", 1}}));
    CHECK(test::written("Conv2DTranspose", Value::object({{"filters", 4}, {"kernel_size", 3}}), Dialect::keras3)
              .find("output_padding") == nullptr);
}
