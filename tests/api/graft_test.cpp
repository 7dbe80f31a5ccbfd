// Weights of another file on a model: what they give it, and how that is told. What Keras makes of it is in the golden
// group grafts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"
#include "tests/temporary_folder.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

fs::path graft(const std::string& file) { return fs::path(LAYERCTL_TESTDATA) / "golden/grafts" / file; }

const Graft by_name{WeightPairing::by_name, false};

Tensor weight(const Model& model, const std::string& name) {
    for (const NamedTensor& weight : model.get_weights())
        if (weight.name == name) return weight.tensor;
    return {};
}

std::string problem(const Alignment& alignment, const std::string& name) {
    for (const AlignedWeight& line : alignment)
        if (line.wanted == name) return line.problem.empty() ? "none" : line.problem;
    return "not listed";
}

std::size_t surplus(const Alignment& alignment) {
    return static_cast<std::size_t>(std::count_if(alignment.begin(), alignment.end(), [](const AlignedWeight& line) {
        return line.wanted.empty() && line.problem == "no weight";
    }));
}

}  // namespace

TEST_CASE("by name, layers without a namesake keep their weights, and both sides are listed") {
    for (const char* version : {"k2", "k3"}) {
        const std::string folder = std::string("new_head_") + version;
        const Model before = Model::load(graft(folder + "/model.h5"));
        const Model after = Model::load(graft(folder + "/model.h5"),
                                        {.weights = graft(folder + "/graft.h5"), .graft = by_name});
        CHECK(identical(weight(before, "head/kernel"), weight(after, "head/kernel")));
        CHECK(!identical(weight(before, "first/kernel"), weight(after, "first/kernel")));
        CHECK(problem(after.alignment(), "first/kernel") == "none");
        CHECK(problem(after.alignment(), "head/kernel") == "no array");
        CHECK(surplus(after.alignment()) == 2);
        CHECK(after.alignment().size() == before.get_weights().size() + 2);
    }
}

TEST_CASE("what an architecture gets nothing for is drawn from its initializers") {
    const test::TemporaryFolder folder;
    const fs::path json = folder.path() / "model.json";
    Model::load(graft("new_head_k3/model.h5")).save(json);
    const Model model = Model::load(json, {.weights = graft("new_head_k3/graft.h5"), .graft = by_name});
    const Tensor bias = weight(model, "head/bias"), kernel = weight(model, "head/kernel");
    CHECK(bias.values<float>()[0] == 0);
    CHECK(kernel.values<float>()[0] != 0);
}

TEST_CASE("mismatches are skipped only when asked for, and told either way") {
    const fs::path model = graft("resized_head_k3/model.h5"), weights = graft("resized_head_k3/graft.h5");
    CHECK(test::code_of([&] { Model::load(model, {.weights = weights}); }) == Code::weights);
    CHECK(test::code_of([&] { Model::load(model, {.weights = weights, .graft = by_name}); }) == Code::weights);
    const Model described = Model::describe(model, {.weights = weights});
    CHECK(!described.problems().empty());
    CHECK(problem(described.alignment(), "head/kernel") == "shape");
    CHECK(problem(described.alignment(), "norm/gamma") == "none");
    const Model grafted = Model::load(model, {.weights = weights, .graft = {WeightPairing::by_name, true}});
    CHECK(problem(grafted.alignment(), "head/kernel") == "shape");
    CHECK(identical(weight(grafted, "head/kernel"), weight(Model::load(model), "head/kernel")));
}

TEST_CASE("weights written after mismatches were skipped are those of the model") {
    const test::TemporaryFolder folder;
    for (const char* version : {"k2", "k3"}) {
        const fs::path source = graft(std::string("path_resized_head_") + version);
        const Model grafted = Model::load(source / "model.h5", {.weights = source / "graft.weights.h5",
                                                                .graft = {WeightPairing::of_the_file, true}});
        REQUIRE(problem(grafted.alignment(), "head/kernel") == "shape");
        grafted.save(folder.path() / "a.weights.h5");
        const Model same = Model::load(source / "model.h5", {.weights = folder.path() / "a.weights.h5"});
        const auto left = grafted.get_weights(), right = same.get_weights();
        CHECK(std::equal(left.begin(), left.end(), right.begin(), right.end(),
                         [](const auto& x, const auto& y) { return identical(x.tensor, y.tensor); }));
    }
}

TEST_CASE("where two lists have another length, the alignment shows where they begin to differ") {
    const Model model =
        Model::describe(graft("inserted_k3/model.h5"), {.weights = graft("inserted_k3/graft.h5")});
    CHECK(model.problems().size() == 1);
    CHECK(problem(model.alignment(), "first/kernel") == "none");
    CHECK(problem(model.alignment(), "inserted/kernel") == "shape");
    CHECK(problem(model.alignment(), "head/kernel") == "no array");
}

TEST_CASE("arguments that Keras has for legacy h5 files only are refused for others") {
    const fs::path model = graft("path_resized_head_k3/model.h5");
    const fs::path weights = graft("path_resized_head_k3/graft.weights.h5");
    for (const WeightPairing pairing : {WeightPairing::by_name, WeightPairing::by_position})
        CHECK(test::code_of([&] { Model::load(model, {.weights = weights, .graft = {pairing, false}}); }) ==
              Code::unsupported);
    CHECK(test::code_of([&] { Model::load(model, {.weights = {}, .graft = by_name}); }) == Code::usage);
}
