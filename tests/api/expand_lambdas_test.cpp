// Operations in place of Lambda layers: which become some, and what is refused. That they compute the same is checked
// for every golden case.
#include <catch2/catch.hpp>
#include <filesystem>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

fs::path lambdas() { return fs::path(LAYERCTL_TESTDATA) / "golden/lambda"; }

Model affine() { return Model::load(lambdas() / "affine_k2/model.h5"); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool is_expandable(const Model& model) {
    try {
        return model.with_lambdas_expanded().get_config().find("\"Lambda\"") == std::string::npos;
    } catch (const Error& error) {
        CHECK(error.code() == Code::unsupported);
        return false;
    }
}

}  // namespace

TEST_CASE("most functions of Lambda layers become operations") {
    std::size_t expanded = 0, refused = 0;
    for (const auto& folder : fs::directory_iterator(lambdas()))
        for (const char* file : {"model.h5", "model.keras"})
            if (fs::exists(folder.path() / file))
                ++(is_expandable(Model::load(folder.path() / file)) ? expanded : refused);
    CHECK(expanded >= 396);
    CHECK(refused <= 70);
}

TEST_CASE("a model without Lambda layers stays as it is") {
    const Model model = affine().with_lambdas_expanded();
    CHECK(model.with_lambdas_expanded().get_config() == model.get_config());
}

TEST_CASE("a Lambda that casts, and one inside a wrapper, are refused") {
    const std::string config = replaced(affine().get_config(), "\"dtype\": \"float32\"", "\"dtype\": \"float64\"");
    const Model casts = Model::from_json("{\"class_name\": \"Functional\", \"config\": " + config + "}");
    CHECK_THROWS_WITH(casts.with_lambdas_expanded(), Catch::Matchers::Contains("it casts its input of float64"));

    const std::string layer =
        R"({"class_name": "TimeDistributed", "config": {"name": "t", "layer": {"class_name": "Lambda")";
    std::string inside = replaced(affine().get_config(), "{\"class_name\": \"Lambda\"", layer);
    inside = replaced(inside, "\"name\": \"lambda\", \"inbound_nodes\"", "}}, \"name\": \"t\", \"inbound_nodes\"");
    inside = replaced(replaced(inside, "}, }}", "}}}"), "[[\"lambda\", 0, 0]]", "[[\"t\", 0, 0]]");
    inside = replaced(inside, "[null, 6]", "[null, 2, 6]");
    const Model wrapped = Model::from_json("{\"class_name\": \"Functional\", \"config\": " + inside + "}");
    CHECK_THROWS_WITH(wrapped.with_lambdas_expanded(), Catch::Matchers::Contains("inside it cannot be replaced"));
}

TEST_CASE("a JSON of Keras 3, which does not say its version, was not computed by TensorFlow 1") {
    const Model model = Model::load(lambdas() / "tf_where_k3/model.h5");
    CHECK_NOTHROW(Model::from_json(model.save_bytes(FileKind::json)));
}
