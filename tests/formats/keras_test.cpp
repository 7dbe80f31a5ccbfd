// .keras archives, the folders they unpack to, and weights by object.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "api/layerctl.hpp"
#include "formats/bytes.hpp"
#include "formats/load.hpp"
#include "formats/lookup_state.hpp"
#include "formats/object_weights.hpp"
#include "formats/zip/archive.hpp"
#include "tests/errors.hpp"
#include "tests/zip.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

namespace fs = std::filesystem;
using Members = std::vector<std::pair<std::string, std::string>>;

fs::path golden(const std::string& name) { return fs::path(LAYERCTL_TESTDATA) / "golden" / name; }

Members members(const fs::path& path) {
    const ZipArchive archive(path);
    Members all;
    for (std::size_t i = 0; i < archive.names().size(); ++i) all.emplace_back(archive.names()[i], archive.read(i));
    return all;
}

/// A folder for one test.
struct Folder {
    fs::path path = fs::temp_directory_path() / "layerctl_keras_test";
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    fs::path add(const std::string& name, const std::string& bytes) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << bytes;
        return path / name;
    }
};

bool same_weights(const Model& a, const Model& b) {
    const auto left = a.get_weights(), right = b.get_weights();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && identical(x.tensor, y.tensor); });
}

std::optional<Code> code_of_archive(const Members& parts) {
    const std::string bytes = test::zip_of(parts);
    return test::code_of([&] { load_model(as_bytes(bytes)); });
}

/// Sets the type of the only member in the central directory: 0xa000 is a link.
std::string with_unix_type(std::string archive, unsigned type) {
    const std::size_t entry = archive.find("PK\x01\x02");
    archive[entry + 5] = 3;  // made by unix
    archive[entry + 40] = static_cast<char>(type & 0xff);
    archive[entry + 41] = static_cast<char>(type >> 8);
    return archive;
}

StoredWeight stored(const std::string& name, const std::vector<float>& values) {
    const Tensor tensor = Tensor::from(Shape{static_cast<std::int64_t>(values.size())}, values);
    return {name, DType::float32, tensor.shape(), [tensor] { return tensor; }};
}

}  // namespace

TEST_CASE("an unpacked archive is the same model, and so is one packed with its folder") {
    const fs::path file = golden("formats/all_nested_k3/model.keras");
    const Model model = Model::load(file);
    const Folder folder;
    Members below;
    for (const auto& [name, bytes] : members(file)) {
        folder.add(name, bytes);
        below.emplace_back("my model/" + name, bytes);
    }
    CHECK(same_weights(Model::load(folder.path), model));
    const std::string packed = test::zip_of(below);
    CHECK(same_weights(Model::load_bytes(as_bytes(packed)), model));
}

TEST_CASE("archives that are open together do not mix") {
    const Model first = Model::load(golden("formats/all_mlp_k3/model.keras"));
    const Model other = Model::load(golden("formats/all_nested_k3/model.keras"));
    const Model json = Model::load(golden("formats/all_nested_k3/model.json"),
                                   {.weights = golden("formats/all_nested_k3/model.weights.h5")});
    CHECK(same_weights(other, json));
    const std::string bytes = first.save_bytes(FileKind::h5);
    CHECK(same_weights(Model::load_bytes(as_bytes(bytes)), first));
}

TEST_CASE("weights may come from an archive or a folder") {
    const fs::path file = golden("formats/all_nested_k3/model.keras");
    CHECK(same_weights(Model::load(golden("formats/all_nested_k3/model.json"), {.weights = file}), Model::load(file)));
}

TEST_CASE("a link in a folder is not followed") {
    const Folder folder;
    for (const auto& [name, bytes] : members(golden("formats/all_nested_k3/model.keras"))) folder.add(name, bytes);
    fs::rename(folder.path / "model.weights.h5", folder.path / "elsewhere");
    fs::create_symlink(folder.path / "elsewhere", folder.path / "model.weights.h5");
    CHECK(test::code_of([&] { load_model(folder.path); }) == Code::refused);
}

TEST_CASE("links and members outside an archive are refused") {
    const std::string plain = test::zip_of({{"a.txt", "b.txt"}});
    CHECK(ZipArchive(as_bytes(plain)).names().size() == 1);
    const std::string link = with_unix_type(plain, 0xa000);
    CHECK(test::code_of([&] { ZipArchive{as_bytes(link)}; }) == Code::refused);
    const std::string file = with_unix_type(plain, 0x8000);
    CHECK(ZipArchive(as_bytes(file)).names().size() == 1);
    for (const char* name : {"../a", "a/../../b", "/etc/a", "a\\b"})
        CHECK(code_of_archive({{"config.json", "{}"}, {"metadata.json", "{}"}, {name, ""}}) == Code::refused);
}

TEST_CASE("what is wrong with the parts of an archive is said") {
    CHECK(code_of_archive({{"config.json", "{}"}, {"metadata.json", "{}"}}) == Code::format);
    CHECK(code_of_archive({{"config.json", "{}"}, {"metadata.json", "[]"}, {"model.weights.h5", ""}}) == Code::format);
    CHECK(code_of_archive(
              {{"config.json", "{}"}, {"metadata.json", R"({"keras_version": "3.0.0"})"}, {"model.weights.npz", ""}}) ==
          Code::refused);
}

TEST_CASE("arrays of an object are numbered without gaps, ten after nine") {
    ObjectArrays objects;
    for (int i = 0; i < 11; ++i) objects["layers/dense"].push_back(stored(std::to_string(10 - i), {1.0F}));
    objects["optimizer"] = {stored("0", {1.0F})};
    objects["metrics/mean"] = {stored("0", {1.0F})};
    const WeightStore store = store_of_objects(objects);
    REQUIRE(store.groups.size() == 1);
    CHECK(store.groups[0].weights.back().name == "layers/dense/vars/10");
    CHECK(store.optimizer.size() == 1);
    objects["layers/dense"].pop_back();  // "0"
    CHECK(test::code_of([&] { store_of_objects(objects); }) == Code::weights);
}

TEST_CASE("a vocabulary beside the weights is one in the config") {
    ModelSpec model;
    const auto add = [&](const std::string& class_name, const Config& config) {
        LayerSpec layer;
        layer.class_name = class_name;
        layer.config = config;
        model.layers.push_back(layer);
    };
    add("StringLookup", {{"vocabulary", nullptr}});
    add("StringLookup", {{"vocabulary", Value::array({"kept"})}});
    add("IntegerLookup", {{"vocabulary", nullptr}, {"idf_weights", nullptr}});
    model.weights = store_of_objects({{"layers/integer_lookup", {stored("idf_weights", {0.5F, 2.0F})}}});
    adopt_lookup_state(model, {{"layers/string_lookup/vocabulary.txt", "\n[UNK]\nä b"},
                               {"layers/string_lookup_1/vocabulary.txt", "lost"},
                               {"layers/integer_lookup/vocabulary.txt", "-1\n7"}});
    CHECK(*model.layers[0].config.find("vocabulary") == Value::array({"", "[UNK]", "ä b"}));
    CHECK(*model.layers[1].config.find("vocabulary") == Value::array({"kept"}));
    CHECK(*model.layers[2].config.find("vocabulary") == Value::array({-1, 7}));
    CHECK(*model.layers[2].config.find("idf_weights") == Value::array({0.5, 2.0}));
    CHECK(model.weights.groups[0].weights.empty());
}

TEST_CASE("shards are only looked for under the names Keras gives them") {
    const Folder folder;
    const fs::path model = golden("formats/all_mlp_k3/model.json");
    for (const char* shard : {"../x_00000.weights.h5", "/etc/passwd", "other_00000.weights.h5"}) {
        const fs::path index =
            folder.add("x.weights.json", cat(R"({"weight_map": {"/layers/dense/vars": ")", shard, "\"}}"));
        CHECK(test::code_of([&] { Model::load(model, {.weights = index}); }) == Code::refused);
    }
}
