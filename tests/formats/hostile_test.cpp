// Every malformed file of the corpus: the right kind of error, saying the right thing, soon.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <map>

#include "api/layerctl.hpp"
#include "formats/npy/npy.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

struct Expectation {
    Code code;
    std::string fragment;  // of the message
};

const std::map<std::string, Expectation> expectations = {
    {"bool_dataset", {Code::unsupported, "found an enumeration (booleans)"}},
    {"complex_dataset", {Code::unsupported, "complex numbers"}},
    {"compound_dataset", {Code::unsupported, "a compound type"}},
    {"config_null", {Code::config, "found null"}},
    {"corrupt_gzip", {Code::format, "weight 'dense/kernel:0': /model_weights/dense/dense/kernel:0: damaged chunk"}},
    {"cyclic_graph", {Code::format, "cycle through layer 'dense'"}},
    {"dangling_soft_link", {Code::refused, "'bias:0' is a soft link"}},
    {"dataset_is_group", {Code::weights, "weight 'dense/kernel:0': wanted a dataset, found a group"}},
    {"deep_nesting", {Code::refused, "nested deeper than 100 levels"}},
    {"deep_nesting_objects", {Code::refused, "nested deeper than 100 levels"}},
    {"directory", {Code::format, "a directory that is no model"}},
    {"duplicate_layer_name", {Code::config, "layer name 'same' is used twice"}},
    {"empty", {Code::format, "an empty file"}},
    {"external_link", {Code::refused, "'bias:0' is a link to another file"}},
    {"extra_layer", {Code::weights, "wanted weights for 2"}},
    {"extra_weights", {Code::weights, "layer 'dense' (Dense): wanted 2 weights, found 3"}},
    {"fewer_weights", {Code::weights, "layer 'dense' (Dense): wanted 2 weights, found 1"}},
    {"float_units", {Code::config, "'units': wanted an integer, found 2.5"}},
    {"gigantic_input_dim", {Code::refused, "(1099511627776, 5)"}},
    {"gigantic_units", {Code::refused, "(6, 4611686018427387904)"}},
    {"huge_sparse_dataset", {Code::refused, "weight 'dense/kernel:0': an array of shape (1048576, 1048576)"}},
    {"huge_units_product", {Code::weights, "wanted shape (6, 2147483648), found (6, 5)"}},
    {"inbound_nodes_garbage", {Code::config, "layer 'dense' (Dense): 'inbound_nodes': wanted"}},
    {"infinity_in_config", {Code::config, "'units': wanted an integer, found Infinity"}},
    {"input_layer_missing", {Code::config, "'input_layers': refers to the unknown layer 'ghost'"}},
    {"input_rank_wrong", {Code::shape, "input must have rank 2 or more"}},
    {"int_dataset", {Code::weights, "weight 'dense/bias:0': wanted float32, found int32"}},
    {"invalid_utf8", {Code::format, "ill-formed UTF-8"}},
    {"json_bom_utf16", {Code::format, "UTF-16"}},
    {"json_empty", {Code::format, "an empty file"}},
    {"json_trailing", {Code::format, "line 1, column 69: not valid JSON"}},
    {"keras_absolute_member", {Code::refused, "'/metadata.json' has a path outside the archive"}},
    {"keras_bad_json", {Code::format, "config.json: line 1, column 2: not valid JSON"}},
    {"keras_bad_weights", {Code::format, "model.weights.h5: damaged or truncated HDF5 file"}},
    {"keras_crc", {Code::format, "config.json: zip member 'config.json' is damaged: CRC error"}},
    {"keras_dense_missing_vars", {Code::weights, "object 'layers/dense': wanted an array '0', found '1'"}},
    {"keras_empty_file", {Code::format, "an empty file"}},
    {"keras_empty_zip", {Code::format, "an empty zip archive"}},
    {"keras_lying_size", {Code::refused, "reading the file would take 4294994304 bytes"}},
    {"keras_no_config", {Code::format, "without config.json"}},
    {"keras_no_metadata", {Code::format, "found no 'metadata.json'"}},
    {"keras_no_weights", {Code::format, "found no 'model.weights.h5'"}},
    {"keras_path_traversal", {Code::refused, "'../../evil.txt' has a path outside the archive"}},
    {"keras_truncated", {Code::format, "a truncated zip archive: its member 'model.weights.h5' ends at byte 10111"}},
    {"keras_truncated_tail", {Code::format, "damaged or truncated zip archive"}},
    {"keras_zip_bomb", {Code::refused, "expands from"}},
    {"layers_empty", {Code::config, "wanted at least one layer"}},
    {"layers_missing", {Code::config, "wanted a member 'layers'"}},
    {"missing_dataset",
     {Code::weights, "weight 'dense/bias:0': it is named in 'weight_names', but there is no such dataset"}},
    {"missing_layer_group",
     {Code::weights, "/model_weights/dense: it is named in 'layer_names', but there is no such group"}},
    {"missing_layer_names", {Code::weights, "attribute 'layer_names' is missing"}},
    {"missing_weight_names", {Code::weights, "/model_weights/dense: attribute 'weight_names' is missing"}},
    {"model_config_array", {Code::config, "wanted a model object, found []"}},
    {"model_config_cut", {Code::format, "missing closing quote"}},
    {"model_config_empty", {Code::format, "attribute 'model_config': wanted a JSON document, found nothing"}},
    {"model_config_int_attr", {Code::format, "attribute 'model_config': wanted a string"}},
    {"model_config_not_json", {Code::format, "line 1, column 3: not valid JSON"}},
    {"model_config_number", {Code::config, "wanted a model object, found 42"}},
    {"nan_in_config", {Code::config, "'units': wanted an integer, found NaN"}},
    {"negative_input_dim", {Code::shape, "found -6"}},
    {"negative_node_index", {Code::config, "found -1"}},
    {"negative_units", {Code::config, "'units': must be positive, found -3"}},
    {"no_class_name", {Code::config, "wanted a member 'class_name'"}},
    {"no_config", {Code::config, "wanted a member 'config'"}},
    {"no_model_config", {Code::format, "no model_config: the file holds weights only, a model definition is needed"}},
    {"no_model_weights", {Code::weights, "without the group 'model_weights'"}},
    {"node_to_missing_layer",
     {Code::config, "layer 'dense' (Dense): 'inbound_nodes': refers to the unknown layer 'ghost'"}},
    {"npy_bad_magic", {Code::format, "not an npy file"}},
    {"npy_bad_version", {Code::unsupported, "npy version 9.0"}},
    {"npy_code_in_header", {Code::format, "not a literal dictionary"}},
    {"npy_complex", {Code::unsupported, "complex"}},
    {"npy_empty", {Code::format, "an empty file"}},
    {"npy_huge_shape", {Code::refused, "(4000000000, 6000000000)"}},
    {"npy_negative_shape", {Code::format, "negative dimension -2"}},
    {"npy_object", {Code::refused, "pickled Python objects"}},
    {"npy_scalar", {Code::input, "wanted shape (None, 6), found ()"}},
    {"npy_string", {Code::input, "wanted float32, found string"}},
    {"npy_structured", {Code::unsupported, "structured dtype"}},
    {"npy_trailing_data", {Code::format, "wanted 48 bytes, found 52 (trailing bytes)"}},
    {"npy_truncated_data", {Code::format, "npy data is too short"}},
    {"npy_truncated_header", {Code::format, "truncated npy header"}},
    {"npy_wrong_rank", {Code::input, "wanted shape (None, 6), found (2, 3, 6)"}},
    {"npy_wrong_shape", {Code::input, "wanted shape (None, 6), found (2, 7)"}},
    {"null_dataset", {Code::format, "null dataspace"}},
    {"output_layer_missing", {Code::config, "'output_layers': refers to the unknown layer 'ghost'"}},
    {"output_node_index", {Code::config, "call 9 of layer 'p', which has 1"}},
    {"output_tensor_index", {Code::config, "output 5 of layer 'p', which has 1"}},
    {"rank_mismatch", {Code::weights, "weight 'kernel': wanted shape (6, 5), found (30,)"}},
    {"scalar_dataset", {Code::weights, "weight 'kernel': wanted shape (6, 5), found ()"}},
    {"shape_mismatch", {Code::weights, "weight 'kernel': wanted shape (6, 5), found (9, 9)"}},
    {"soft_link_loop", {Code::refused, "'bias:0' is a soft link"}},
    {"string_dataset", {Code::unsupported, "found strings"}},
    {"string_units", {Code::config, "'units': wanted an integer, found \"many\""}},
    {"text_file", {Code::format, "plain text"}},
    {"units_missing", {Code::config, "'units': wanted an integer, it is missing"}},
    {"unknown_activation", {Code::unsupported, "unknown activation 'whoosh'"}},
    {"unknown_layer", {Code::unsupported, "layer 'dense' (Frobnicate): unknown layer class 'Frobnicate'"}},
    {"wrong_signature", {Code::format, "binary data of an unknown kind"}},
    {"zero_units", {Code::config, "'units': must be positive, found 0"}},
};

/// Cases that may succeed: sound in layerctl's eyes, or damaged where nothing is looked at.
bool may_succeed(const std::string& name) {
    static const std::vector<std::string> harmless = {"h5_named_keras", "npy_big_endian",    "npy_empty_batch",
                                                      "npy_float64",    "npy_fortran_order", "npy_int64",
                                                      "zip_named_h5"};
    return name.starts_with("random_flips") || std::find(harmless.begin(), harmless.end(), name) != harmless.end();
}

/// What a truncated HDF5 file is called depends on how much of it is left.
Expectation expected(const std::string& name) {
    return name.starts_with("truncated_") ? Expectation{Code::format, "truncated"} : expectations.at(name);
}

const fs::path golden = fs::path(LAYERCTL_TESTDATA) / "golden";

/// Reads the malformed file to the end of what one does with it; the numbers in a result must be finite.
void use(const fs::path& file) {
    if (file.extension() != ".npy") {
        Model::load(file);
        return;
    }
    static const Model model = Model::load(golden / "formats/all_mlp_k2/model.h5");
    const Tensors outputs = model.predict({formats::read_npy(file)});
    for (const float value : outputs.front().values<float>()) CHECK(std::abs(value) < 1e6F);
}

fs::path malformed_file(const fs::path& folder) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().filename() != "case.json") return entry.path();
    return {};
}

void check_case(const fs::path& folder) {
    const std::string name = folder.filename().string();
    CAPTURE(name);
    const auto start = std::chrono::steady_clock::now();
    try {
        use(malformed_file(folder));
        CHECK(may_succeed(name));
    } catch (const Error& error) {
        CAPTURE(error.what());
        CHECK(error.code() != Code::internal);
        if (name.starts_with("random_flips")) return;
        REQUIRE(!may_succeed(name));
        CHECK(code_name(error.code()) == code_name(expected(name).code));
        CHECK(std::string(error.what()).find(expected(name).fragment) != std::string::npos);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

}  // namespace

TEST_CASE("malformed files are answered by the right error") {
    std::size_t cases = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(golden / "bad")) {
        check_case(entry.path());
        ++cases;
    }
    CHECK(cases >= expectations.size() + 15);
}
