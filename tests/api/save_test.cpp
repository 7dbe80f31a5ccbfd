// Models written as every kind of file; the golden harness holds the numbers of all cases.
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "api/arrays.hpp"
#include "api/layerctl.hpp"
#include "formats/bytes.hpp"
#include "formats/load.hpp"
#include "formats/save.hpp"
#include "tests/errors.hpp"
#include "tests/temporary_folder.hpp"

using namespace layerctl;

namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) { return fs::path(LAYERCTL_TESTDATA) / "golden" / name; }

bool same_weights(const Model& a, const Model& b) {
    const auto left = a.get_weights(), right = b.get_weights();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name && identical(x.tensor, y.tensor); });
}

}  // namespace

TEST_CASE("a model is what it was after being written as any kind of file") {
    const test::TemporaryFolder folder;
    for (const char* source : {"formats/all_nested_k2/model.h5", "formats/all_nested_k3/model.keras",
                               "archives/recurrent_keras312_k3/model.keras", "archives/nested_keras213_k2/model.keras",
                               "topology/policy_bfloat16_k3/model.h5"}) {
        CAPTURE(source);
        const Model model = Model::load(golden(source));
        for (const char* name : {"a.h5", "a.hdf5", "a.keras"}) {
            model.save(folder.path() / name);
            const Model same = Model::load(folder.path() / name);
            CHECK(same_weights(same, model));
            CHECK(same.get_config() == model.get_config());
        }
        model.save(folder.path() / "a.json");
        model.save(folder.path() / "a.weights.h5");
        model.save(folder.path() / "a.safetensors");
        model.save(folder.path() / "legacy", {.kind = FileKind::legacy_weights});
        for (const char* weights : {"a.weights.h5", "legacy", "a.safetensors"})
            CHECK(same_weights(Model::load(folder.path() / "a.json", {.weights = folder.path() / weights}), model));
    }
}

TEST_CASE("other weights are written as they are now") {
    const Model model = Model::load(golden("formats/all_mlp_k3/model.keras"));
    Tensors zeros;
    for (const NamedTensor& weight : model.get_weights())
        zeros.emplace_back(weight.tensor.dtype(), weight.tensor.shape());
    const Model empty = model.set_weights(zeros);
    for (const FileKind kind : {FileKind::keras_archive, FileKind::h5}) {
        const std::string bytes = empty.save_bytes(kind);
        CHECK(same_weights(Model::load_bytes(formats::as_bytes(bytes)), empty));
    }
}

TEST_CASE("a model built in code is written in the dialect of Keras 3") {
    Sequential stack("stack");
    stack.input({4}).add("Dense", {{"units", 3}, {"activation", "relu"}}).add("Dense", {{"units", 2}});
    const Model model = stack.build();
    for (const FileKind kind : {FileKind::keras_archive, FileKind::h5}) {
        const std::string bytes = model.save_bytes(kind);
        CHECK(same_weights(Model::load_bytes(formats::as_bytes(bytes)), model));
    }
}

TEST_CASE("weights find their layers by name, whatever those are") {
    const test::TemporaryFolder folder;
    for (const char* name : {"named_weights/recurrent_k2", "named_weights/wrappers_k3", "formats/all_multi_io_k2",
                             "recurrent/bidi_lstm_backward_layer_k2", "newest/int4_dense_block4_k315"}) {
        const fs::path file = golden(name) / "model.h5";
        CAPTURE(name);
        const Model model = Model::load(file);
        for (const char* weights : {"w.npz", "w.safetensors"}) {
            model.save(folder.path() / weights);
            CHECK(same_weights(Model::load(file, {.weights = folder.path() / weights}), model));
        }
    }
}

TEST_CASE("weights by object are named after the class in Python, not after what it is registered under") {
    const test::TemporaryFolder folder;
    const fs::path there = golden("custom/pkg_linear_k2"), file = folder.path() / "a.weights.h5";
    LoadOptions options{.custom_objects = LAYERCTL_CUSTOM_OBJECTS "/custom.json"};
    const Model model = Model::load(there / "model.h5", options);
    model.save(file);
    const auto groups = [](const fs::path& path) {
        ModelSpec spec;
        formats::load_weights(path, spec);
        std::vector<std::string> names;
        for (const WeightGroup& group : spec.weights.groups) names.push_back(group.layer);
        return names;
    };
    CHECK(groups(file) == groups(there / "model.weights.h5"));
    options.weights = there / "model.weights.h5";
    CHECK(same_weights(Model::load(there / "model.h5", options), model));
}

TEST_CASE("arrays that pair with no weight are shown with the weights") {
    const test::TemporaryFolder folder;
    const fs::path file = golden("named_weights/mlp_k2/model.h5");
    Model::load(golden("formats/all_nested_k3/model.keras")).save(folder.path() / "other.npz");
    const auto error = test::error_of([&] { Model::load(file, {.weights = folder.path() / "other.npz"}); });
    REQUIRE(error);
    CHECK(error->code() == Code::weights);
    const std::string text = error->what();
    CHECK(text.find("wanted 'batch_normalization/beta' (5,)") != std::string::npos);
    CHECK(text.find("; found '") != std::string::npos);
}

TEST_CASE("weights alone are named arrays") {
    const test::TemporaryFolder folder;
    const Model model = Model::load(golden("formats/all_mlp_k3/model.h5"));
    model.save(folder.path() / "w.npz");
    const auto arrays = load_arrays(folder.path() / "w.npz");
    REQUIRE(arrays.size() == model.get_weights().size());
    CHECK(identical(arrays.front().tensor, model.get_weights().front().tensor));
    const std::string bytes = model.save_bytes(FileKind::safetensors);
    const std::uint64_t header = formats::little_endian(bytes.substr(0, 8));
    CHECK(header % 8 == 0);
    CHECK(bytes.find("\"F32\"") < 8 + header);
    std::size_t elements = 0;
    for (const NamedTensor& weight : model.get_weights()) elements += weight.tensor.byte_size();
    CHECK(bytes.size() == 8 + header + elements);
}

TEST_CASE("what lay beside the weights is in the config of the file written") {
    const test::TemporaryFolder folder;
    const fs::path archive = golden("preprocessing/string_lookup_adapt_k3/model.keras");
    const Model model = Model::load(archive);
    CHECK(model.get_config().find("\"vocabulary\": null") != std::string::npos);
    const Tensor terms = Tensor::strings({1, 4}, {"b", "none of them", "a", ""});
    for (const FileKind kind : {FileKind::h5, FileKind::json}) {
        const std::string bytes = model.save_bytes(kind);
        const Model same = Model::load_bytes(formats::as_bytes(bytes));
        CHECK(same.get_config().find("\"vocabulary\": [\"[UNK]\"") != std::string::npos);
        CHECK(identical(same.predict({terms})[0], model.predict({terms})[0]));
    }
    std::vector<std::string> notes;
    model.save(folder.path() / "halves.keras", {.dtype = DType::float16, .notes = &notes});  // no copy
    CHECK(identical(Model::load(folder.path() / "halves.keras").predict({terms})[0], model.predict({terms})[0]));
}

TEST_CASE("a model of Keras 1 is copied, or becomes one of Keras 2") {
    const test::TemporaryFolder folder;
    const Model model = Model::load(golden("legacy/keras1_gru_cpu_k1/model.h5"));
    std::vector<std::string> notes;
    model.save(folder.path() / "copy.h5", {.notes = &notes});
    CHECK(notes.empty());
    CHECK(Model::load(folder.path() / "copy.h5").get_config() == model.get_config());
    model.save(folder.path() / "new.keras", {.notes = &notes});
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == "a model of Keras 1, written as Keras 2.15 would write it");
    const Model now = Model::load(folder.path() / "new.keras");
    CHECK(now.get_config().find("\"reset_after\": false") != std::string::npos);
    CHECK(now.get_config().find("inner_activation") == std::string::npos);
    CHECK(same_weights(now, model));
    model.save(folder.path() / "weights.h5", {.kind = FileKind::legacy_weights, .notes = &notes});
    CHECK(notes.size() == 2);
    const std::string bytes = model.save_bytes(FileKind::legacy_weights);
    CHECK(bytes.find("gru_1_W_z") == std::string::npos);
    CHECK(bytes.find("recurrent_kernel") != std::string::npos);
}

// Keras 2.15 and 3.12 pair stored weights with layers in this order, however the config lists them.
TEST_CASE("layers of a translated model are in the order in which Keras keeps them") {
    const Model model = Model::load(golden("legacy/keras1_merge_sequential_sum_k1/model.h5"));
    for (const int keras : {2, 3}) {
        const Model translated = model.translated(keras);
        std::vector<std::string> kernels;
        for (const NamedTensor& weight : translated.get_weights())
            if (weight.name.ends_with("/kernel")) kernels.push_back(weight.name);
        CHECK(kernels ==
              std::vector<std::string>{"dense_2/kernel", "dense_1/kernel", "dense_3/kernel", "dense_4/kernel"});
        CHECK(translated.get_weights()[0].tensor.shape() == Shape{5, 6});
    }
}

TEST_CASE("what cannot be written is said, and leaves no file") {
    const test::TemporaryFolder folder;
    const Model model = Model::load(golden("formats/all_mlp_k3/model.h5"));
    CHECK(test::code_of([&] { model.save(folder.path() / "model.pb"); }) == Code::usage);
    CHECK(test::code_of([&] { model.save(folder.path() / "no/such/folder.h5"); }) == Code::io);
    const Model half = Model::load(golden("topology/policy_bfloat16_k3/model.h5"));
    CHECK(test::code_of([&] { half.save(folder.path() / "w.npz"); }) == Code::unsupported);
    CHECK(!fs::exists(folder.path() / "w.npz"));
    const Model float8 = Model::load(golden("newest/float8_dense_k315/model.keras"));
    CHECK(test::code_of([&] { float8.save_bytes(FileKind::h5); }) == Code::unsupported);
    const Model described = Model::describe(golden("formats/all_mlp_k3/model.h5"));
    CHECK(test::code_of([&] { described.save(folder.path() / "d.h5"); }) == Code::weights);
}

TEST_CASE("the modules that an h5 file of Keras 3 leaves out are those Keras names elsewhere") {
    std::size_t operations = 0;
    for (const auto& entry : fs::directory_iterator(golden("topology"))) {
        const fs::path h5 = entry.path() / "model.h5", archive = entry.path() / "model.keras";
        if (!entry.path().string().ends_with("_k3") || !fs::exists(h5) || !fs::exists(archive)) continue;
        CAPTURE(entry.path().string());
        const std::string json = Model::load(h5).save_bytes(FileKind::json);
        const auto found = formats::parse_model_json(json), wanted = formats::load_model(archive);
        REQUIRE(found->layers.size() == wanted->layers.size());
        for (std::size_t i = 0; i < wanted->layers.size(); ++i) {
            if (!wanted->layers[i].module.starts_with("keras.src.ops.")) continue;
            CHECK(found->layers[i].module == wanted->layers[i].module);
            ++operations;
        }
    }
    CHECK(operations > 10);
    for (const char* list_of_axes : {"activation/softmax_axis12_k3", "normalization/un_axis_12_k3",
                                     "preprocessing/normalization_adapt_none_k3", "attention_masks/dot_k315"}) {
        const Model model = Model::load(golden(list_of_axes + std::string("/model.h5")));
        const auto spec = formats::parse_model_json(model.save_bytes(FileKind::json));
        CHECK(spec->layers.back().module == "keras.layers");
    }
    const Model own = Model::load(golden("custom/activation_by_name_k3/model.h5"),
                                  {.custom_objects = {LAYERCTL_CUSTOM_OBJECTS "/custom.json"}});
    const auto with_function = formats::parse_model_json(own.save_bytes(FileKind::json));
    CHECK(with_function->layers[1].module == "keras.layers");
    CHECK(with_function->layers[2].module.empty());
    const Model convnext = Model::load(golden("applications/conv_next_k3/model.h5"));
    const auto spec = formats::parse_model_json(convnext.save_bytes(FileKind::json));
    for (const LayerSpec& layer : spec->layers)
        if (layer.class_name == "LayerScale" || layer.class_name == "StochasticDepth")
            CHECK(layer.module == "keras.src.applications.convnext");
}

TEST_CASE("a module that nobody knows is asked for") {
    const auto spec = formats::parse_model_json(
        R"({"class_name": "Functional", "module": "keras", "registered_name": "Functional", "config": {"name": "m",
            "layers": [{"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "x"}, "name": "x",
                        "inbound_nodes": []},
                       {"class_name": "Frobnicate", "config": {"name": "f"}, "name": "f", "inbound_nodes": [{"args":
                        [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32",
                          "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
            "input_layers": ["x", 0, 0], "output_layers": ["f", 0, 0]}})");
    formats::Saving saving{FileKind::json};
    formats::OutputFile file = formats::OutputFile::in_memory();
    const auto error = test::error_of([&] { formats::write_model(*spec, {}, saving, file); });
    REQUIRE(error);
    CHECK(error->code() == Code::unsupported);
    CHECK(std::string(error->what()).find("layer 'f' (Frobnicate): ") == 0);
}

TEST_CASE("weights left in the file are the same, and nobody writes there") {
    const test::TemporaryFolder folder;
    Sequential net("net");
    net.input({200}).add("Dense", {{"units", 300}});
    const Model model = net.build();
    for (const char* name : {"a.h5", "a.keras"}) {
        const fs::path path = folder.path() / name;
        model.save(path);
        const Model mapped = Model::load(path, {.map_weights = true});
        CHECK(same_weights(mapped, model));
        Tensor kernel = mapped.get_weights().front().tensor;
        kernel.mutable_values<float>()[0] += 1;
        CHECK(same_weights(mapped, model));
        mapped.save(path);
        CHECK(same_weights(mapped, model));
        CHECK(same_weights(Model::load(path), model));
    }
}
