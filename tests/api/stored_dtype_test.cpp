// Models whose weights are stored in another dtype: the numbers are those that numpy rounds to, and Keras reads them
// (the golden group stored_dtypes).
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "api/layerctl.hpp"
#include "formats/bytes.hpp"
#include "formats/safetensors/safetensors.hpp"
#include "tests/errors.hpp"
#include "tests/temporary_folder.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

/// One kernel with this number in it.
Model kernel_of(double number, const char* dtype) {
    Sequential stack("stack");
    stack.input({1}).add("Dense", {{"units", 1}, {"use_bias", false}, {"dtype", dtype}});
    return stack.build().set_weights({Tensor::from(Shape{1, 1}, std::vector{number})});
}

Tensor stored(const Model& model, DType dtype) {
    const test::TemporaryFolder folder;
    const fs::path file = folder.path() / "w.safetensors";
    model.save(file, {.kind = {}, .keras = {}, .dtype = dtype, .notes = nullptr});
    return formats::load_safetensors(file).at(0).read();
}

bool same_weights(const Model& a, const Model& b) {
    const auto left = a.get_weights(), right = b.get_weights();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && identical(x.tensor, y.tensor); });
}

}  // namespace

TEST_CASE("weights are rounded as numpy rounds them, whatever file holds them") {
    const test::TemporaryFolder folder;
    std::size_t cases = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(LAYERCTL_TESTDATA) / "golden/stored_dtypes")) {
        const std::string name = entry.path().filename().string();
        const auto end = name.rfind('_'), begin = name.rfind('_', end - 1) + 1;
        const std::optional<DType> dtype = parse_dtype(name.substr(begin, end - begin));
        REQUIRE(dtype);
        const Model original = Model::load(entry.path() / "original.h5");
        const Model wanted = Model::load(entry.path() / "model.keras");
        CHECK(same_weights(original, wanted) == (dtype == DType::float64));
        for (const char* kind : {"a.h5", "a.keras", "a.weights.h5", "a.npz", "a.safetensors"}) {
            CAPTURE(name, kind);
            const bool held = dtype != DType::bfloat16 || (kind != std::string("a.h5") && kind != std::string("a.npz"));
            const fs::path file = folder.path() / kind;
            const SaveOptions options{.kind = {}, .keras = {}, .dtype = dtype, .notes = nullptr};
            CHECK(test::code_of([&] { original.save(file, options); }) ==
                  (held ? std::nullopt : std::optional(Code::unsupported)));
            if (held) CHECK(same_weights(Model::load(entry.path() / "original.h5", {.weights = file}), wanted));
        }
        ++cases;
    }
    CHECK(cases == 20);
}

TEST_CASE("a float64 is rounded to a half once") {
    const double above_a_tie = 1 + std::exp2(-11) + std::exp2(-40);  // as a float32 it would be the tie
    const Tensor half = stored(kernel_of(above_a_tie, "float64"), DType::float16);
    CHECK(to_float(half.values<float16>()[0]) == 1 + std::exp2(-10));
    const double below_a_tie = 1 + std::exp2(-7) + std::exp2(-8) - std::exp2(-40);
    const Tensor brain = stored(kernel_of(below_a_tie, "float64"), DType::bfloat16);
    CHECK(to_float(brain.values<bfloat16>()[0]) == 1 + std::exp2(-7));
}

TEST_CASE("a number beyond the dtype is an error that names the weight, an infinity stays") {
    const std::string text = test::complaint_of([] { stored(kernel_of(70000, "float32"), DType::float16); });
    CHECK(text.find("unsupported: ") == 0);
    CHECK(text.find("weight 'dense/kernel': the number 70000 is beyond float16") != std::string::npos);
    CHECK(test::code_of([] { stored(kernel_of(1e39, "float64"), DType::float32); }) == Code::unsupported);
    CHECK(std::isinf(to_float(stored(kernel_of(INFINITY, "float32"), DType::float16).values<float16>()[0])));
    CHECK(std::isnan(to_float(stored(kernel_of(NAN, "float32"), DType::bfloat16).values<bfloat16>()[0])));
}

TEST_CASE("the largest change is told, and of integers there is none") {
    const test::TemporaryFolder folder;
    std::vector<std::string> notes;
    const SaveOptions options{.kind = {}, .keras = {}, .dtype = DType::float16, .notes = &notes};
    kernel_of(1 + std::exp2(-11), "float32").save(folder.path() / "w.npz", options);
    kernel_of(1.5, "float32").save(folder.path() / "w.npz", options);
    REQUIRE(notes.size() == 2);
    CHECK(notes[0] ==
          "1 weight stored as float16; the largest relative change of a number is 4.88e-04, in 'dense/kernel'");
    CHECK(notes[1] == "1 weight stored as float16; no number changed");
    const fs::path int8 = fs::path(LAYERCTL_TESTDATA) / "golden/newest/int4_dense_block4_k315/model.h5";
    const Model quantized = Model::load(int8);
    quantized.save(folder.path() / "q.safetensors", options);
    for (const StoredWeight& weight : formats::load_safetensors(folder.path() / "q.safetensors"))
        CHECK((weight.dtype == DType::float16 || is_integer(weight.dtype)));
}

TEST_CASE("what cannot hold the dtype says so, and leaves no file") {
    const test::TemporaryFolder folder;
    const Model model = kernel_of(1, "float32");
    for (const char* name : {"a.json", "a.onnx"}) {
        const SaveOptions options{.kind = {}, .keras = {}, .dtype = DType::float16, .notes = nullptr};
        CHECK(test::code_of([&] { model.save(folder.path() / name, options); }) == Code::unsupported);
        CHECK(!fs::exists(folder.path() / name));
    }
    const SaveOptions tfjs{.kind = FileKind::tfjs, .keras = 2, .dtype = DType::bfloat16, .notes = nullptr};
    CHECK(test::code_of([&] { model.save(folder.path() / "js", tfjs); }) == Code::unsupported);
    const SaveOptions integers{.kind = {}, .keras = {}, .dtype = DType::int8, .notes = nullptr};
    CHECK(test::code_of([&] { model.save(folder.path() / "a.npz", integers); }) == Code::usage);
}

TEST_CASE("a model that was only described has no weights to store in another dtype") {
    const test::TemporaryFolder folder;
    const Model model =
        Model::describe(fs::path(LAYERCTL_TESTDATA) / "golden/preprocessing/string_lookup_tf_idf_k2/model.keras");
    const SaveOptions halves{.kind = {}, .keras = {}, .dtype = DType::float16, .notes = nullptr};
    CHECK(test::code_of([&] { model.save(folder.path() / "a.keras", halves); }) == Code::weights);
}

TEST_CASE("TensorFlow.js holds halves that stand for floats") {
    const test::TemporaryFolder folder;
    const fs::path golden = fs::path(LAYERCTL_TESTDATA) / "golden/tfjs/mlp_float16_k2";
    const Model wanted = Model::load(golden / "tfjs");
    wanted.save(folder.path() / "js", {.kind = FileKind::tfjs, .keras = {}, .dtype = DType::float16, .notes = nullptr});
    CHECK(same_weights(Model::load(folder.path() / "js"), wanted));
    CHECK(formats::read_file(folder.path() / "js/group1-shard1of1.bin").size() ==
          formats::read_file(golden / "tfjs/group1-shard1of1.bin").size());
}
