// DenseFeatures: what it refuses, and inputs Keras leaves to chance.
#include <catch2/catch.hpp>

#include "tests/engine/layer_fixture.hpp"

using namespace layerctl;
using test::complaint_of;

namespace {

Value column(const char* class_name, Value config) {
    return Value::object({{"class_name", class_name}, {"config", std::move(config)}});
}

Value words(const char* key, Value list = Value::Array{"a", "b"}) {
    return column("VocabularyListCategoricalColumn",
                  Value::object({{"key", key}, {"vocabulary_list", std::move(list)}, {"dtype", "string"}}));
}

Value indicator(Value categorical) {
    return column("IndicatorColumn", Value::object({{"categorical_column", std::move(categorical)}}));
}

Value weighted(Value categorical) {
    return column("WeightedCategoricalColumn", Value::object({{"categorical_column", std::move(categorical)},
                                                              {"weight_feature_key", "w"},
                                                              {"dtype", "float32"}}));
}

std::unique_ptr<Layer> features(Value::Array columns) {
    return test::layer("DenseFeatures", Value::object({{"feature_columns", std::move(columns)}}));
}

std::string refusal(Value::Array columns) {
    return complaint_of([&] { features(std::move(columns)); });
}

Tensor run(const Layer& layer, const Tensors& x) {
    Shapes shapes;
    for (const Tensor& tensor : x) shapes.push_back(tensor.shape());
    Tensors y = {Tensor(DType::float32, layer.compute_output_shape(shapes).front())};
    layer.call(x, {}, y);
    return y.front();
}

bool mentions(const std::string& text, const char* part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("columns that cannot be had are refused by name") {
    CHECK(mentions(refusal({column("VocabularyFileCategoricalColumn", Value::Object{})}),
                   "nothing a model names is opened"));
    CHECK(mentions(refusal({column("SharedEmbeddingColumn", Value::Object{})}), "shares its weights"));
    CHECK(mentions(refusal({column("IndicatrColumn", Value::Object{})}), "did you mean 'IndicatorColumn'?"));
    CHECK(mentions(refusal({words("k")}), "must be a dense column"));
    CHECK(mentions(refusal({indicator(indicator(words("k")))}), "must be a categorical column"));
    CHECK(mentions(refusal({indicator(words("k", Value::Array{"a", "a"}))}), "different strings or integers"));
    CHECK(mentions(
        refusal({column("NumericColumn",
                        Value::object({{"key", "x"}, {"shape", Value::array({1})}, {"normalizer_fn", "log"}}))}),
        "'normalizer_fn': only null is supported"));
    CHECK(mentions(refusal({}), "one column or more"));
}

TEST_CASE("two columns of one name are an error") {
    const auto layer = features({indicator(words("k")), indicator(words("k"))});
    CHECK(mentions(complaint_of([&] {
                       layer->compute_output_shape({{2, 1}});
                   }),
                   "two feature columns are called 'k_indicator'"));
}

TEST_CASE("features of another kind than their column are an error") {
    const auto layer = features({indicator(words("k"))});
    CHECK(mentions(complaint_of([&] { run(*layer, {Tensor(DType::int64, {2, 1})}); }), "wanted strings, found int64"));
    CHECK(mentions(complaint_of([&] { run(*layer, {Tensor::strings({1, 1, 1}, {"a"})}); }), "wanted rank 1 or 2"));
}

TEST_CASE("weights belong to ids, place by place") {
    const auto layer = features({indicator(weighted(words("k")))});
    const auto weights = [](std::vector<float> values) { return Tensor::from({1, 3}, values); };
    const Tensor ids = Tensor::strings({1, 3}, {"a", "", "b"});
    CHECK(test::floats(run(*layer, {ids, weights({2, 0, -1})})) == std::vector<float>{2, -1});
    for (const auto& wrong : {weights({2, 3, 4}), weights({2, 0, 0}), weights({2, 1, 0})})
        CHECK(mentions(complaint_of([&] { run(*layer, {ids, wrong}); }), "a weight other than 0 for every id"));
}

TEST_CASE("crosses of many values are refused before they fill the memory") {
    Value::Array keys;
    for (int i = 0; i < 64; ++i) keys.emplace_back("k");
    const Value crossed = column("CrossedColumn", Value::object({{"keys", keys}, {"hash_bucket_size", 7}}));
    const auto layer = features({indicator(crossed)});
    CHECK(mentions(complaint_of([&] { run(*layer, {Tensor(DType::int64, {1, 2})}); }), "combinations of one batch"));
}
