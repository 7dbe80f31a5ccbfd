// What the layers of categories and texts refuse, and the text operations below them.
#include <catch2/catch.hpp>

#include "engine/ops/text.hpp"
#include "tests/engine/layer_fixture.hpp"

using namespace layerctl;
using test::layer;

namespace {

Value lookup(Value::Object more) {
    Value::Object config = {{"vocabulary", Value::array({"a", "b"})}};
    for (auto& [key, value] : more) config.emplace_back(key, std::move(value));
    return config;
}

/// The code with which the layer refuses its config, inputs of these shapes or these values.
std::optional<Code> refusal(const char* class_name, const Value& config, const Tensor& x,
                            Dialect dialect = Dialect::keras3) {
    return test::code_of([&] { test::run(*layer(class_name, config, dialect), x); });
}

const Tensor texts = Tensor::strings({1, 2}, {"a", "z"});
const Tensor numbers = Tensor::from<std::int64_t>({1, 2}, std::vector<std::int64_t>{1, -1});

}  // namespace

TEST_CASE("a lookup needs its vocabulary in the config") {
    const auto missing = test::complaint_of([] { test::run(*layer("StringLookup", Value::Object{}), texts); });
    CHECK(missing.find("unsupported: has no vocabulary") == 0);
    CHECK(refusal("StringLookup", Value::object({{"vocabulary", "/etc/passwd"}}), texts) == Code::unsupported);
    CHECK(refusal("TextVectorization", Value::object({{"vocabulary", nullptr}}), texts) == Code::unsupported);
    CHECK(refusal("StringLookup", Value::object({{"vocabulary", Value::array({})}}), texts) == Code::config);
    CHECK(refusal("StringLookup", Value::object({{"vocabulary", Value::array({"a", "a"})}}), texts) == Code::config);
    CHECK(refusal("IntegerLookup", lookup({}), numbers) == Code::config);
}

TEST_CASE("a lookup whose keys disagree is refused") {
    CHECK(refusal("StringLookup", lookup({}), texts) == std::nullopt);
    CHECK(refusal("StringLookup", lookup({{"mask_token", "b"}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"max_tokens", 2}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"pad_to_max_tokens", true}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"output_mode", "tf_idf"}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"output_mode", "count"}, {"vocabulary_size", 9}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"invert", true}, {"output_mode", "count"}}), texts) == Code::config);
    CHECK(refusal("StringLookup", lookup({{"sparse", true}}), texts) == Code::unsupported);
    CHECK(refusal("StringLookup", lookup({{"num_oov_indices", 0}}), texts) == Code::input);
    CHECK(refusal("StringLookup", lookup({}), numbers) == Code::config);
}

TEST_CASE("texts with results of unequal lengths and functions of their own are refused") {
    CHECK(refusal("TextVectorization", lookup({{"ragged", true}}), texts) == Code::unsupported);
    CHECK(refusal("TextVectorization", lookup({{"standardize", Value::object({{"class_name", "function"}})}}), texts) ==
          Code::unsupported);
    CHECK(refusal("TextVectorization", lookup({{"output_mode", "one_hot"}}), texts.reshaped({2, 1})) ==
          Code::unsupported);
    CHECK(refusal("TextVectorization", lookup({}), texts) == Code::shape);
    CHECK(refusal("TextVectorization", lookup({{"ngrams", std::int64_t{1} << 40}}), texts) == Code::refused);
}

TEST_CASE("categories outside the range, bins out of order and too many axes are refused") {
    const Value three = Value::object({{"num_tokens", 3}});
    CHECK(refusal("CategoryEncoding", three, numbers, Dialect::keras2) == Code::input);
    CHECK(refusal("CategoryEncoding", three, numbers) == Code::input);
    CHECK(refusal("CategoryEncoding", Value::object({{"num_tokens", 3}, {"output_mode", "one_hot"}}), numbers) ==
          std::nullopt);
    CHECK(refusal("Hashing", Value::object({{"num_bins", 3}, {"output_mode", "one_hot"}}), numbers, Dialect::keras2) ==
          Code::shape);
    CHECK(refusal("Hashing", Value::object({{"num_bins", 3}, {"mask_value", "a"}}), numbers) == Code::input);
    CHECK(refusal("Discretization", Value::object({{"bin_boundaries", Value::array({2.0, 1.0})}}), numbers) ==
          Code::config);
    CHECK(refusal("Discretization", Value::object({{"num_bins", 4}}), numbers) == Code::unsupported);
}

TEST_CASE("characters are cut as TensorFlow cuts them") {
    using ops::Noncharacters;
    const std::string replaced = "\xEF\xBF\xBD", kept = "\xEF\xBF\xBF";
    CHECK(ops::split_characters("aé日😀", Noncharacters::kept) == ops::Words{"a", "é", "日", "😀"});
    CHECK(ops::split_characters("\xE6\x97\xE6\x97\xA5", Noncharacters::kept) == ops::Words{replaced, "日"});
    CHECK(ops::split_characters("\xED\xA0\x80", Noncharacters::kept) == ops::Words{replaced, replaced, replaced});
    CHECK(ops::split_characters(kept, Noncharacters::kept) == ops::Words{kept});
    CHECK(ops::split_characters(kept, Noncharacters::replaced) == ops::Words{replaced});
}
