// What an input of rows of unequal length is refused for; what it computes is held by the golden group `ragged`.
#include <catch2/catch.hpp>
#include <string>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

const Model& words() {
    static const Model model = Model::load(LAYERCTL_TESTDATA "/golden/ragged/lstm_of_words_k2/model.h5");
    return model;
}

Tensors padded(const std::vector<std::int64_t>& lengths) {
    return {Tensor(DType::int32, {2, 3}), Tensor::from({static_cast<std::int64_t>(lengths.size())}, lengths)};
}

/// What is said of the model with one text of its config replaced.
std::string refusal(const std::string& wanted, const std::string& instead) {
    std::string json = words().save_bytes(FileKind::json);
    const std::size_t begin = json.find(wanted);
    REQUIRE(begin != std::string::npos);
    json.replace(begin, wanted.size(), instead);
    const auto error = test::error_of([&] { Model::from_json(json); });
    REQUIRE(error);
    CHECK(error->code() == Code::unsupported);
    return error->what();
}

}  // namespace

TEST_CASE("ragged rows: their lengths are an input of their own") {
    REQUIRE(words().inputs().size() == 2);
    CHECK(words().inputs()[1].name == words().inputs()[0].name + "/row_lengths");
    CHECK(words().predict(padded({3, 0})).size() == 1);
}

TEST_CASE("ragged rows: lengths that no row can have") {
    for (const auto& lengths : {std::vector<std::int64_t>{4, 1}, {-1, 1}, {1}, {1, 1, 1}}) {
        const auto error = test::error_of([&] { words().predict(padded(lengths)); });
        REQUIRE(error);
        CHECK(error->code() == Code::input);
    }
}

TEST_CASE("ragged rows: what would read behind their ends, and results that are no arrays") {
    CHECK(refusal(R"("return_sequences": false)", R"("return_sequences": true)").find("output 'dense'") !=
          std::string::npos);
    CHECK(refusal(R"("go_backwards": false)", R"("go_backwards": true)").find("'go_backwards'") != std::string::npos);
    CHECK(refusal(R"("mask_zero": false)", R"("mask_zero": true)").find("'mask_zero'") != std::string::npos);
}

TEST_CASE("ragged rows: a layer that takes none") {
    const auto error = test::error_of([] {
        Model::from_json(R"({"class_name": "Sequential", "keras_version": "2.15.0", "config": {"name": "s", "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [null, null, 3], "ragged": true, "name": "x"}},
            {"class_name": "Softmax", "config": {"name": "soft"}}]}})");
    });
    REQUIRE(error);
    CHECK(error->code() == Code::unsupported);
    CHECK(std::string(error->what()).find("layer 'soft' (Softmax): its input has rows of unequal length") !=
          std::string::npos);
}
