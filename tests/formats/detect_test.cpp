#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "formats/bytes.hpp"
#include "formats/detect.hpp"
#include "formats/load.hpp"
#include "tests/errors.hpp"
#include "tests/zip.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

using namespace std::string_literals;

const std::string hdf5_signature = "\x89HDF\r\n\x1a\n";

struct Expectation {
    std::string bytes;
    Variant variant;
    Code code;
    std::string description;  // part of it
};

const std::vector<Expectation> expectations = {
    {hdf5_signature + "rest", Variant::h5, Code::format, "HDF5"},
    {std::string(512, '\0') + hdf5_signature, Variant::h5, Code::format, "HDF5"},
    {std::string(2048, 'x') + hdf5_signature, Variant::h5, Code::format, "HDF5"},
    {std::string(700, 'x') + hdf5_signature, Variant::other, Code::format, "binary data"},
    {hdf5_signature.substr(0, 5), Variant::other, Code::format, "truncated"},
    {"", Variant::other, Code::format, "empty file"},
    {" \n", Variant::other, Code::format, "blanks"},
    {" {\"class_name\"", Variant::json, Code::format, "JSON"},
    {"[]", Variant::json, Code::format, "JSON"},
    {"<!DOCTYPE html><html>", Variant::other, Code::format, "HTML page"},
    {"\n<HTML><body>", Variant::other, Code::format, "HTML page"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:0", Variant::other, Code::format, "git-lfs pointer"},
    {"\x93NUMPY\x01", Variant::other, Code::format, "numpy array"},
    {"\x1f\x8b\x08", Variant::other, Code::format, "gzip"},
    {"\x80\x04\x95"s, Variant::other, Code::refused, "pickle"},
    {"\x10\0\0\0\0\0\0\0{\"__metadata__\"  "s, Variant::safetensors, Code::format, "safetensors"},
    {std::string(257, '\0') + "ustar\0"
                              "00"s,
     Variant::other, Code::format, "tar archive"},
    {"\xfd"
     "7zXZ\0"s,
     Variant::other, Code::format, "xz data"},
    {"7z\xbc\xaf\x27\x1c", Variant::other, Code::format, "7z archive"},
    {"GGUF\3\0\0\0"s, Variant::other, Code::unsupported, "GGUF"},
    {"\x1c\0\0\0TFL3"s, Variant::other, Code::unsupported, "TensorFlow Lite"},
    {"\x08\x08\x12\x07pytorch\x1a\x05"
     "2.1.0:"s,
     Variant::other, Code::unsupported, "ONNX"},
    {"\x08\x01\x12\xff\x01\x0a\x02"s, Variant::other, Code::unsupported, "the graph of a SavedModel"},
    {"\x0a\x16\x0a\x01x\x12\x0bPlaceholder"s, Variant::other, Code::unsupported, "frozen TensorFlow graph"},
    {"\x0a\x96\x01\x0a\x05input\x12\x0bPlaceholder"s, Variant::other, Code::unsupported, "frozen TensorFlow graph"},
    {"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>", Variant::other, Code::format, "XML error"},
    {"<?xml version=\"1.0\"?><svg/>", Variant::other, Code::format, "an XML document"},
    {"hello, I am no model\n", Variant::other, Code::format, "plain text"},
    {"\x01\x02\x03"s, Variant::other, Code::format, "binary data"},
    {"PK\x03\x04 and no more", Variant::other, Code::format, "damaged or truncated zip"},
    {test::zip_of({{"config.json", std::string(100, ' ')}}).substr(0, 100), Variant::other, Code::format,
     "a truncated zip archive: its member 'config.json' ends at byte 161, the file at 100"},
    {test::zip_of({{"config.json", "{}"}, {"metadata.json", "{}"}}), Variant::keras_archive, Code::format,
     ".keras archive"},
    {test::zip_of({{"x.npy", ""}}), Variant::npz, Code::format, "numpy archive"},
    {test::zip_of({}), Variant::npz, Code::format, "an empty zip archive"},
    {test::zip_of({{"model/data.pkl", ""}}), Variant::other, Code::unsupported, "PyTorch"},
    {test::zip_of({{"a.txt", ""}}), Variant::other, Code::format, "without config.json"},
};

std::string complaint_of_json(const std::string& json, Code wanted) {
    try {
        parse_model_json(json);
    } catch (const Error& error) {
        CHECK(error.code() == wanted);
        return error.what();
    }
    return "";
}

/// A folder below the test data that goes away again.
struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / "layerctl_detect_test";
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    void add(const std::string& name, const std::string& bytes = "") const {
        std::ofstream(path / name, std::ios::binary) << bytes;
    }
};

}  // namespace

TEST_CASE("a file is known by its content, in memory and on disk") {
    const Folder folder;
    for (const Expectation& expected : expectations) {
        CAPTURE(expected.description, expected.bytes.substr(0, 20));
        folder.add("file", expected.bytes);
        for (const Detection& found : {detect(as_bytes(expected.bytes)), detect(folder.path / "file")}) {
            CHECK(found.variant == expected.variant);
            CHECK(found.code == expected.code);
            CHECK(found.description.find(expected.description) != std::string::npos);
        }
    }
}

TEST_CASE("directories are told apart by what they hold") {
    const Folder folder;
    CHECK(detect(folder.path).description == "a directory that is no model");
    folder.add("config.json");
    folder.add("metadata.json");
    CHECK(detect(folder.path).description.find("unpacked .keras archive") != std::string::npos);
    folder.add("saved_model.pb");
    CHECK(detect(folder.path).description.find("SavedModel directory") != std::string::npos);
    CHECK(detect(folder.path).variant == Variant::saved_model);
}

TEST_CASE("a truncated HDF5 file is told by its superblock") {
    for (const char* name : {"all_mlp_k3", "libver_latest_k3"}) {
        const auto file = std::filesystem::path(LAYERCTL_TESTDATA) / "golden/formats" / name / "model.h5";
        const std::string bytes = read_file(file);
        for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{96}}) {
            const std::string cut = bytes.substr(0, size);
            CHECK(test::message_of([&] { load_model(as_bytes(cut)); }) ==
                  cat("truncated HDF5 file: ", size, " of ", bytes.size(), " bytes"));
        }
    }
}

TEST_CASE("a file that is not there is an io error") {
    CHECK(test::code_of([] { load_model(std::filesystem::path("no/such/file.h5")); }) == Code::io);
}

TEST_CASE("JSON of other kinds is named") {
    CHECK(
        complaint_of_json(R"({"modelTopology": {}, "weightsManifest": []})", Code::unsupported).find("TensorFlow.js") !=
        std::string::npos);
    CHECK(complaint_of_json(R"({"metadata": {}, "weight_map": {}})", Code::unsupported).find("sharded") !=
          std::string::npos);
    CHECK(complaint_of_json(R"({"message": "Not Found"})", Code::format).find("the download may have failed") !=
          std::string::npos);
    CHECK(complaint_of_json(R"([1, 2])", Code::format).find("found [1, 2]") != std::string::npos);
    CHECK(complaint_of_json(R"({"name": "m", "layers": []})", Code::format).find("found {") != std::string::npos);
    CHECK(complaint_of_json(R"({"a": 1})", Code::format).find(R"({"a": 1})") != std::string::npos);
}

TEST_CASE("a bare config is a model whose class its wiring tells") {
    for (const char* name :
         {"formats/all_mlp_k2", "formats/all_nested_k2", "formats/all_mlp_k3", "formats/all_nested_k3"}) {
        const auto file = std::filesystem::path(LAYERCTL_TESTDATA) / "golden" / name / "model.json";
        const auto model = load_model(file);
        const auto bare = parse_model_json(model->config.text());
        CHECK(bare->class_name == model->class_name);
        CHECK(bare->config.text() == model->config.text());
        CHECK(bare->layers.size() == model->layers.size());
    }
    const auto list = parse_model_json(
        R"([{"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [null, 3]}}])");
    CHECK(list->class_name == "Sequential");
    CHECK(list->layers.size() == 2);
}

TEST_CASE("the dialect of a JSON model follows from its version, else from its keys") {
    const auto dialect = [](const std::string& input_key, const std::string& rest) {
        return parse_model_json(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)"
                                R"({"class_name": "InputLayer", "config": {"name": "i", ")" +
                                input_key + R"(": [null, 3]}}, {"class_name": "Flatten", "config": {"name": "f"}}]})" +
                                rest + "}")
            ->dialect;
    };
    CHECK(dialect("batch_input_shape", "") == Dialect::keras2);
    CHECK(dialect("batch_shape", "") == Dialect::keras3);
    CHECK(dialect("batch_input_shape", R"(, "registered_name": null)") == Dialect::keras2);
    CHECK(dialect("shape", R"(, "registered_name": null)") == Dialect::keras3);
    CHECK(dialect("batch_shape", R"(, "keras_version": "2.15.0")") == Dialect::keras2);
    CHECK(dialect("batch_input_shape", R"(, "keras_version": "1.2.2")") == Dialect::keras1);
}
