// Hash functions against what TensorFlow 2.15 returns: tf.fingerprint, tf.strings.to_hash_bucket_*, tf.as_string,
// tf.sparse.cross_hashed.
#include <catch2/catch.hpp>
#include <limits>

#include "engine/ops/hash.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

struct Row {
    const char* text;
    std::uint64_t fingerprint;
    std::int64_t fast, strong, strong_large;
};

const Row rows[] = {
    {"", 0x9ae16a3b2f90404f, 377723, 953272, 443797209252341628},
    {"a", 0xb3454265b6df75e3, 291400, 554259, 5158252350249958646},
    {"foo", 0x555c6f602f9383e3, 403268, 247916, 5316351083917324902},
    {"hello world", 0x588fb7478bd6b01b, 234754, 689723, 1015233985318741639},
    {"Größe", 0xf681a9562db1a908, 931074, 593748, 2916751208246118908},
    {"日本語", 0xd99eeda07b1cb847, 128250, 756647, 1091377360618762286},
    {"the quick brown fox jumps over the lazy dog, again and again and again and again", 0x64872ce670302a2a, 549520,
     884956, 7117413349335879497},
};

std::int64_t cross(std::initializer_list<std::uint64_t> features, std::uint64_t buckets) {
    std::uint64_t hash = ops::default_cross_key;
    for (const std::uint64_t feature : features) hash = ops::fingerprint_cat64(hash, feature);
    return static_cast<std::int64_t>(hash % buckets);
}

}  // namespace

TEST_CASE("strings go to TensorFlow's buckets") {
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(ops::fingerprint64(row.text) == row.fingerprint);
        CHECK(ops::hash_bucket(row.text, 1000003) == row.fast);
        CHECK(ops::hash_bucket(row.text, 1000003, {133, 137}) == row.strong);
        CHECK(ops::hash_bucket(row.text, std::numeric_limits<std::int64_t>::max(), {1, 2}) == row.strong_large);
    }
}

TEST_CASE("features cross as in TensorFlow") {
    const std::uint64_t a = ops::fingerprint64("a"), b = ops::fingerprint64("b"), x = ops::fingerprint64("x");
    CHECK(cross({a, b}, std::uint64_t{1} << 62) == 915435941025511274);
    CHECK(cross({a, 7}, std::uint64_t{1} << 62) == 3509787333349122856);
    CHECK(cross({static_cast<std::uint64_t>(-3), 7, x}, 1000000000) == 763396873);
}

TEST_CASE("integers are hashed as their decimal digits") {
    const auto words = [](const Tensor& tensor) { return ops::as_strings(tensor).string_values(); };
    CHECK(words(Tensor::from<std::int64_t>({3}, std::vector<std::int64_t>{-5, 0, std::int64_t{1} << 62})) ==
          std::vector<std::string>{"-5", "0", "4611686018427387904"});
    CHECK(words(Tensor::from<std::int8_t>({1}, std::vector<std::int8_t>{-128})) == std::vector<std::string>{"-128"});
    CHECK(words(Tensor::from<std::uint8_t>({1}, std::vector<std::uint8_t>{255})) == std::vector<std::string>{"255"});
    CHECK(words(Tensor(DType::boolean, {1})) == std::vector<std::string>{"false"});
    CHECK(words(Tensor::strings({1}, {"7"})) == std::vector<std::string>{"7"});
    CHECK(test::code_of([&] { words(Tensor(DType::float32, {1})); }) == Code::input);
}
