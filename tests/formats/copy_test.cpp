// Saving as the kind of file a model came from: what goes over, and what does not.
#include <H5Cpp.h>

#include <catch2/catch.hpp>
#include <functional>

#include "api/layerctl.hpp"
#include "formats/saving.hpp"
#include "tests/temporary_folder.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

using Change = std::function<void(H5::H5File&)>;

/// A model trained by Keras 2 whose file was changed afterwards.
fs::path changed_model(const test::TemporaryFolder& folder, const Change& change) {
    const fs::path file = folder.path() / "model.h5";
    fs::copy_file(fs::path(LAYERCTL_TESTDATA) / "golden/formats/all_compiled_k2/model.h5", file,
                  fs::copy_options::overwrite_existing);
    H5::H5File opened(file.string(), H5F_ACC_RDWR);
    change(opened);
    return file;
}

std::vector<std::string> notes_of(const fs::path& from, const fs::path& to, bool strip = false) {
    std::vector<std::string> notes;
    Model::load(from).save(to, {.strip = strip, .notes = &notes});
    return notes;
}

const Change soft_link = [](H5::H5File& file) { file.link(H5L_TYPE_SOFT, "/model_weights", "/optimizer_weights/x"); };
const Change external_link = [](H5::H5File& file) {
    H5Lcreate_external("/etc/passwd", "/", file.getId(), "/optimizer_weights/x", H5P_DEFAULT, H5P_DEFAULT);
};
const Change hard_link = [](H5::H5File& file) { file.link(H5L_TYPE_HARD, "/model_weights", "/optimizer_weights/x"); };
const Change external_storage = [](H5::H5File& file) {
    H5::DSetCreatPropList list;
    list.setExternal("/etc/passwd", 0, 16);
    const hsize_t count = 4;
    file.createDataSet("/optimizer_weights/x", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &count), list);
};
const Change virtual_dataset = [](H5::H5File& file) {
    H5::DSetCreatPropList list;
    const hsize_t count = 4;
    const H5::DataSpace space(1, &count);
    list.setVirtual(space, "other.h5", "x", space);
    file.createDataSet("/optimizer_weights/x", H5::PredType::IEEE_F32LE, space, list);
};

}  // namespace

TEST_CASE("copy: nothing is followed out of a file, and nothing that leads out is copied") {
    const test::TemporaryFolder folder;
    for (const Change& change : {soft_link, external_link, hard_link, external_storage, virtual_dataset}) {
        const fs::path file = changed_model(folder, change), copy = folder.path() / "copy.h5";
        const std::vector<std::string> notes = notes_of(file, copy);
        REQUIRE(notes.size() == 1);
        CHECK(notes.front().starts_with("written without /optimizer_weights/x: "));
        const H5::H5File found(copy.string(), H5F_ACC_RDONLY);
        CHECK(!found.openGroup("optimizer_weights").nameExists("x"));
        CHECK(found.attrExists("training_config"));
    }
}

TEST_CASE("copy: a stripped file has nothing that training left") {
    const test::TemporaryFolder folder;
    const fs::path file = changed_model(folder, external_link), copy = folder.path() / "copy.h5";
    CHECK(notes_of(file, copy, true).empty());
    const H5::H5File found(copy.string(), H5F_ACC_RDONLY);
    CHECK(!found.nameExists("optimizer_weights"));
    CHECK(!found.attrExists("training_config"));
}

TEST_CASE("copy: what is not copied is said") {
    const test::TemporaryFolder folder;
    const fs::path file = changed_model(folder, [](H5::H5File& opened) {
        const H5::StrType text(H5::PredType::C_S1, H5T_VARIABLE);
        const hsize_t count = 2;
        const H5::Group group = opened.createGroup("notes");
        group.createDataSet("texts", text, H5::DataSpace(1, &count));
        group.createAttribute("owner", H5::PredType::STD_REF_OBJ, H5::DataSpace(1, &count));
        group.createAttribute("kept", H5::PredType::STD_I32BE, H5::DataSpace(H5S_SCALAR));
    });
    const fs::path copy = folder.path() / "copy.h5";
    CHECK(notes_of(file, copy) == std::vector<std::string>{"written without /notes@owner: an attribute of references",
                                                           "written without /notes/texts: an array of strings"});
    const H5::H5File found(copy.string(), H5F_ACC_RDONLY);
    CHECK(found.openGroup("notes").openAttribute("kept").getDataType() == H5::PredType::STD_I32BE);
}

TEST_CASE("copy: other weights are not those the optimizer's state belongs to") {
    const test::TemporaryFolder folder;
    const fs::path file = changed_model(folder, [](H5::H5File&) {});
    const Model model = Model::load(file);
    Tensors weights;
    for (const NamedTensor& weight : model.get_weights()) weights.push_back(weight.tensor);
    std::vector<std::string> notes;
    model.set_weights(weights).save(folder.path() / "copy.h5", {.notes = &notes});
    CHECK(notes == std::vector<std::string>{"written without the optimizer's state"});
    CHECK(Model::load(folder.path() / "copy.h5").is_compiled());
}

TEST_CASE("copy: an optimizer's state that belongs to no losses is left out by name") {
    const test::TemporaryFolder folder;
    const fs::path file = changed_model(folder, [](H5::H5File& opened) { opened.removeAttr("training_config"); });
    CHECK(notes_of(file, folder.path() / "copy.h5").empty());
    CHECK(notes_of(file, folder.path() / "copy.keras") ==
          std::vector<std::string>{"written without the optimizer's state"});
    CHECK(notes_of(file, folder.path() / "stripped.keras", true).empty());
}

TEST_CASE("strip takes one member out of a text and leaves the rest as it stands") {
    const auto stripped = [](const std::string& text) { return formats::without_compile_config(text); };
    CHECK(stripped(R"({"class_name": "A", "compile_config": {"x": "}"},  "z": 1e5})") ==
          R"({"class_name": "A",  "z": 1e5})");
    CHECK(stripped(R"({"compile_config": null , "class_name": "A"})") == R"({"class_name": "A"})");
    CHECK(stripped(R"({"class_name": "A", "n": [{"class_name": "B", "compile_config": {}}], "compile_config": 1})") ==
          R"({"class_name": "A", "n": [{"class_name": "B"}]})");
    CHECK(stripped(R"({"compile_config": 1})") == R"({"compile_config": 1})");
}
