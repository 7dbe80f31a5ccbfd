// Models of TensorFlow.js: manifests that do not fit their files, and what is not written.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "api/layerctl.hpp"
#include "formats/bytes.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) { return fs::path(LAYERCTL_TESTDATA) / "golden" / name; }

struct Copy {
    fs::path path = fs::temp_directory_path() / "layerctl_tfjs_test";
    explicit Copy(const std::string& name) {
        fs::remove_all(path);
        fs::copy(golden(name), path);
    }
    ~Copy() { fs::remove_all(path); }

    /// What is wrong after the first `from` of model.json has become `to`.
    std::string with(const std::string& from, const std::string& to) const {
        const std::string whole = read_file(path / "model.json");
        std::string text = whole;
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        std::ofstream(path / "model.json") << text;
        const std::string complaint = test::complaint_of([&] { Model::load(path); });
        std::ofstream(path / "model.json") << whole;
        return complaint;
    }
};

bool same_weights(const Model& a, const Model& b) {
    const auto left = a.get_weights(), right = b.get_weights();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && identical(x.tensor, y.tensor); });
}

}  // namespace

TEST_CASE("tfjs: a manifest that does not fit its files is an error") {
    struct Wrong {
        const char *from, *to;
        const char *code, *text;
    };
    const char* file = "group1-shard1of1.bin";
    const Wrong all[] = {
        {file, "../model.json", "refused: ", "beside model.json"},
        {file, "http://example.org/w", "refused: ", "beside model.json"},
        {file, "other.bin", "io: ", "'other.bin': the manifest names it"},
        {file, "model.json", "format: ", "weight group 1: its weights take"},
        {"\"dtype\": \"uint8\"", "\"dtype\": \"uint16\"", "format: ", "bytes at 60, found files of 73"},
        {"\"float32\", \"quantization\"", "\"string\", \"quantization\"", "unsupported: ", "found 'string'"},
        {"\"scale\": 0", "\"scales\": 0", "format: ", "'scale': wanted a number"},
        {"\"shape\": [5]", "\"shape\": [4611686018427387904, 4]", "refused: ", "weight 'batch_normalization/gamma'"},
        {"\"shape\": [5]", "\"shape\": [-5]", "format: ", "'shape': wanted counts"},
        {"layers-model", "graph-model", "unsupported: ", "a graph model"},
        {"\"weightsManifest\"", "\"manifest\"", "weights: ", "wanted weights"},
    };
    const Copy copy("tfjs/mlp_uint8_k2/tfjs");
    CHECK(copy.with("layers-model", "layers-model").empty());
    for (const Wrong& wrong : all) {
        const std::string complaint = copy.with(wrong.from, wrong.to);
        CHECK_THAT(complaint, Catch::StartsWith(wrong.code));
        CHECK_THAT(complaint, Catch::Contains(wrong.text));
    }
}

TEST_CASE("tfjs: a link in the folder is not followed") {
    const Copy copy("tfjs/mlp_k2/tfjs");
    const fs::path shard = copy.path / "group1-shard1of1.bin";
    fs::remove(shard);
    fs::create_symlink(golden("tfjs/mlp_k2/tfjs/group1-shard1of1.bin"), shard);
    CHECK(test::code_of([&] { Model::load(copy.path); }) == Code::refused);
}

TEST_CASE("tfjs: a model is written as a folder and read again") {
    const fs::path folder = fs::temp_directory_path() / "layerctl_tfjs_out";
    fs::remove_all(folder);
    for (const char* name : {"tfjs/nested_k2", "tfjs/recurrent_js", "tfjs/convolutional_js", "tfjs/embedding_js"}) {
        CAPTURE(name);
        const Model model = Model::load(golden(name) / "tfjs");
        model.save(folder, {.kind = FileKind::tfjs});
        CHECK(same_weights(Model::load(folder), model));
        CHECK(same_weights(Model::load(folder / "model.json"), model));
        CHECK(test::code_of([&] { model.save(folder, {.kind = FileKind::tfjs}); }) == Code::io);
        fs::remove_all(folder);
    }
}

TEST_CASE("tfjs: what TensorFlow.js computes otherwise or not at all is not written") {
    const fs::path folder = fs::temp_directory_path() / "layerctl_tfjs_out";
    for (const char* name :
         {"formats/all_mlp_k3/model.h5", "activation/relu_threshold_k2/model.h5", "normalization/bn_axis1_k2/model.h5",
          "attention/mha_basic_k2/model.h5", "masks/plain_k2/model.h5", "pooling/max3d_same_1_k2/model.h5"}) {
        CAPTURE(name);
        const Model model = Model::load(golden(name));
        CHECK(test::code_of([&] { model.save(folder, {.kind = FileKind::tfjs}); }) == Code::unsupported);
        CHECK(!fs::exists(folder));
    }
    const Model model = Model::load(golden("tfjs/mlp_k2/tfjs"));
    CHECK(test::code_of([&] { model.save_bytes(FileKind::tfjs); }) == Code::usage);
}
