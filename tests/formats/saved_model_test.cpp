// SavedModel folders, whole and damaged: tables, bundles, objects, signatures.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "api/layerctl.hpp"
#include "formats/bytes.hpp"
#include "formats/savedmodel/bundle.hpp"
#include "formats/savedmodel/table.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) { return fs::path(LAYERCTL_TESTDATA) / "golden" / name; }

/// A copy of a SavedModel to damage.
struct Copy {
    fs::path path = fs::temp_directory_path() / "layerctl_saved_model_test";
    explicit Copy(const std::string& name = "savedmodel/mlp_k2/savedmodel") {
        fs::remove_all(path);
        fs::copy(golden(name), path, fs::copy_options::recursive);
    }
    ~Copy() { fs::remove_all(path); }
    std::string read(const std::string& file) const { return read_file(path / file); }
    void write(const std::string& file, const std::string& bytes) const {
        std::ofstream(path / file, std::ios::binary) << bytes;
    }
    std::string complaint() const {
        return test::complaint_of([&] { Model::load(path); });
    }
};

constexpr const char* index_file = "variables/variables.index";
constexpr const char* data_file = "variables/variables.data-00000-of-00001";

}  // namespace

TEST_CASE("CRC-32C is masked as TensorFlow masks it") {
    CHECK(masked_crc32c("") == 0xa282ead8U);
    // "123456789" has the CRC-32C 0xe3069283
    CHECK(masked_crc32c("123456789") == ((0xe3069283U >> 15) | (0xe3069283U << 17)) + 0xa282ead8U);
}

TEST_CASE("an index that is cut off or damaged at any place is an error") {
    const std::string whole = read_file(golden("savedmodel/mlp_k2/savedmodel") / index_file);
    CHECK(read_table(whole).size() > 4);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(test::code_of([&] { read_table(std::string_view(whole).substr(0, size)); }));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
        const auto code = test::code_of([&] { read_table(damaged); });
        if (code) CHECK((*code == Code::format || *code == Code::unsupported || *code == Code::refused));
    }
}

TEST_CASE("a SavedModel with a damaged part names it") {
    SECTION("no index") {
        const Copy copy;
        fs::remove(copy.path / index_file);
        CHECK_THAT(copy.complaint(), Catch::Contains("io: ") && Catch::Contains("variables.index"));
    }
    SECTION("no data") {
        const Copy copy;
        fs::remove(copy.path / data_file);
        CHECK_THAT(copy.complaint(), Catch::Contains("variables.data-00000-of-00001: there is no such file"));
    }
    SECTION("data cut off") {
        const Copy copy;
        copy.write(data_file, copy.read(data_file).substr(0, 40));
        CHECK_THAT(copy.complaint(), Catch::Contains("variables.data-00000-of-00001: wanted"));
    }
    SECTION("a number changed") {
        const Copy copy;
        std::string bytes = copy.read(data_file);
        bytes[2] = static_cast<char>(bytes[2] ^ 1);
        copy.write(data_file, bytes);
        CHECK_THAT(copy.complaint(), Catch::Contains("damaged: wrong checksum"));
    }
    SECTION("metadata cut off") {
        const Copy copy;
        copy.write("keras_metadata.pb", copy.read("keras_metadata.pb").substr(0, 100));
        CHECK_THAT(copy.complaint(), Catch::Contains("format: ") && Catch::Contains("keras_metadata.pb: protobuf"));
    }
    SECTION("metadata that is no JSON") {
        const Copy copy;
        std::string bytes = copy.read("keras_metadata.pb");
        bytes[bytes.find('{')] = '[';
        copy.write("keras_metadata.pb", bytes);
        CHECK_THAT(copy.complaint(), Catch::Contains("metadata of Keras: line 1"));
    }
    SECTION("a link instead of a file") {
        const Copy copy;
        fs::remove(copy.path / data_file);
        fs::create_symlink(golden("savedmodel/mlp_k2/savedmodel") / data_file, copy.path / data_file);
        CHECK_THAT(copy.complaint(), Catch::Contains("there is no such file"));
    }
}

TEST_CASE("objects that do not fit the architecture are an error") {
    const Copy copy;
    for (const char* file : {index_file, data_file}) {
        fs::remove(copy.path / file);
        fs::copy(golden("savedmodel/recurrent_k2/savedmodel") / file, copy.path / file);
    }
    CHECK_THAT(copy.complaint(), Catch::Contains("weights: "));
}

TEST_CASE("a SavedModel without anything of Keras shows its signatures") {
    const Copy copy;
    fs::remove(copy.path / "keras_metadata.pb");
    const std::string text = copy.complaint();
    CHECK_THAT(text, Catch::Contains("unsupported: ") && Catch::Contains("keras_metadata.pb"));
    CHECK_THAT(text,
               Catch::Contains("signature serving_default: input_1 float32 (None, 6) -> dense_1 float32 (None, 3)"));
}

TEST_CASE("weights of a SavedModel serve another architecture") {
    const fs::path saved = golden("savedmodel/mlp_k2/savedmodel");
    const Model model = Model::load(saved);
    const fs::path json = fs::temp_directory_path() / "layerctl_saved_model.json";
    model.save(json);
    const Model same = Model::load(json, {.weights = saved});
    fs::remove(json);
    REQUIRE(same.get_weights().size() == model.get_weights().size());
    for (std::size_t i = 0; i < same.get_weights().size(); ++i)
        CHECK(identical(same.get_weights()[i].tensor, model.get_weights()[i].tensor));
}
