// Plug-ins: they compute what Keras recorded, and whatever is wrong with one is said.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "api/arrays.hpp"
#include "api/layerctl.hpp"
#include "api/plugins/border.hpp"
#include "api/plugins/definitions.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;

namespace {

const std::string folder = LAYERCTL_PLUGINS "/";
const std::string cases = LAYERCTL_TESTDATA "/golden/custom/";

LoadOptions with(const std::vector<std::string>& names) {
    LoadOptions options;
    for (const std::string& name : names) options.plugins.push_back(folder + name + ".so");
    return options;
}

/// Found minus recorded, at most; infinity for another shape.
double largest_difference(const Model& model, const std::string& name) {
    Tensors x;
    for (std::size_t i = 0; i < model.inputs().size(); ++i)
        x.push_back(load_arrays(cases + name + "/x" + std::to_string(i) + ".npy").front().tensor);
    const Tensor found = model.predict(x).front();
    const Tensor wanted = load_arrays(cases + name + "/y0.npy").front().tensor;
    if (found.shape() != wanted.shape()) return HUGE_VAL;
    double largest = 0;
    for (std::size_t i = 0; i < wanted.elements(); ++i)
        largest = std::max(largest, double{std::abs(found.values<float>()[i] - wanted.values<float>()[i])});
    return largest;
}

std::string recorded_summary(const std::string& name) {
    std::ifstream file(cases + name + "/summary.txt");
    return {std::istreambuf_iterator<char>(file), {}};
}

Model stack(const std::string& class_name, const Config& config = {}, const LoadOptions& options = with({"odd"})) {
    Sequential net("net");
    net.input({4}).add(class_name, config);
    return net.build(1, options);
}

std::string complaint(const std::string& class_name, const Config& config = {}) {
    return complaint_of([&] {
        const Model model = stack(class_name, config);
        model.predict({Tensor(DType::float32, {2, 4})});
    });
}

bool mentions(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

/// What is wrong with a table, made right and then changed.
template <class Change>
std::string complaint_about_table(const Change& change) {
    struct Tables {
        layerctl_class layer{};
        layerctl_activation activation{};
        const layerctl_class* classes[2] = {&layer, &layer};
        const layerctl_activation* activations[1] = {&activation};
        layerctl_plugin plugin{};
    } tables;
    tables.layer.size = sizeof tables.layer;
    tables.layer.name = "Own";
    tables.layer.create = [](const layerctl_config*, void**, layerctl_error*) { return int{LAYERCTL_OK}; };
    tables.layer.destroy = [](void*) {};
    tables.layer.outputs = [](const void*, const layerctl_spec*, std::size_t, const layerctl_specs*, layerctl_error*) {
        return int{LAYERCTL_OK};
    };
    tables.layer.call = [](const void*, const layerctl_call*, layerctl_error*) { return int{LAYERCTL_OK}; };
    tables.activation = {sizeof tables.activation, "own",
                         [](const layerctl_tensor*, layerctl_tensor*, layerctl_error*) { return int{LAYERCTL_OK}; }};
    tables.plugin = {LAYERCTL_PLUGIN_ABI, sizeof tables.plugin, tables.classes, 1, tables.activations, 1};
    change(tables);
    return complaint_of([&] {
        plugins::read_definitions({std::shared_ptr<void>(), &tables.plugin});  // nobody owns it
    });
}

}  // namespace

TEST_CASE("plug-ins compute what Keras recorded") {
    const char* names[] = {"linear_k2",
                           "linear_k3",
                           "linear_functional_k3",
                           "linear_rank3_k2",
                           "linear_in_nested_k3",
                           "td_linear_k2",
                           "td_linear_k3",
                           "pkg_linear_k2",
                           "pkg_linear_k3",
                           "scale_shift_k2",
                           "scale_shift_k3",
                           "conv_bn_relu_k2",
                           "conv_bn_relu_k3",
                           "conv_bn_relu_shared_k2",
                           "conv_bn_relu_shared_k3",
                           "rnn_custom_cell_k2",
                           "rnn_custom_cell_k3",
                           "rnn_custom_cell_masked_k2",
                           "rnn_custom_cell_masked_k3",
                           "bidi_custom_cell_k2",
                           "activation_by_name_k2",
                           "activation_by_name_k3",
                           "activation_registered_k2",
                           "activation_registered_k3"};
    const LoadOptions options = with({"my_layers", "corpus"});
    for (const std::string name : names)
        for (const std::string file : {"/model.h5", "/model.keras"}) {
            if (!std::filesystem::exists(cases + name + file)) continue;
            INFO(name << file);
            const Model model = Model::load(cases + name + file, options);
            CHECK(largest_difference(model, name) < 2e-5);
            if (name.starts_with("pkg_linear") && file == "/model.h5") continue;  // names the class "pkg>Linear" only
            CHECK(model.summary() == recorded_summary(name));
        }
}

TEST_CASE("a model of a plug-in is saved and read again") {
    const LoadOptions options = with({"corpus"});
    const Model model = Model::load(cases + "conv_bn_relu_k3/model.h5", options);
    for (const FileKind kind : {FileKind::keras_archive, FileKind::h5}) {
        const std::string bytes = model.save_bytes(kind);
        const Model again = Model::load_bytes(std::as_bytes(std::span(bytes)), options);
        CHECK(again.get_config() == model.get_config());
        CHECK(largest_difference(again, "conv_bn_relu_k3") < 2e-5);
    }
}

TEST_CASE("a model keeps its libraries") {
    std::optional<Model> model = Model::load(cases + "linear_k2/model.h5", with({"my_layers"}));
    const Model copy = *model;
    model.reset();
    CHECK(largest_difference(copy, "linear_k2") < 2e-5);
}

TEST_CASE("new weights of a plug-in come from its initializers") {
    Sequential net("net");
    net.input({3}).add("Linear", {{"units", 2}});
    const Model model = net.build(1, with({"my_layers"}));
    const std::vector<NamedTensor> weights = model.get_weights();
    REQUIRE(weights.size() == 2);
    CHECK(weights[0].tensor.shape() == Shape{3, 2});
    CHECK(weights[0].tensor.values<float>()[0] != 0);
    CHECK(weights[1].tensor.values<float>()[0] == 0);
}

TEST_CASE("a library that is no plug-in") {
    const auto loading = [](const std::string& path) {
        LoadOptions options;
        options.plugins = {path};
        return complaint_of([&] { stack("Same", {}, options); });
    };
    CHECK(loading(folder + "no_entry.so") == "format: " + folder +
                                                 "no_entry.so: wanted a plug-in, found a library without "
                                                 "layerctl_plugin_entry");
    CHECK(loading(folder + "nothing.so") == "io: " + folder + "nothing.so: wanted a library, found no such file");
    CHECK(mentions(loading(cases + "linear_k2/model.h5"), "model.h5: wanted a library that can be loaded, found "));
    CHECK(loading("libm.so.6") == "io: libm.so.6: wanted a library, found no such file");
}

TEST_CASE("a wrong table is refused") {
    const auto about = [](const auto& change) { return complaint_about_table(change); };
    CHECK(about([](auto&) {}) == "");
    CHECK(about([](auto& t) { t.plugin.abi = 2; }) == "unsupported: wanted a plug-in of ABI 1, found one of ABI 2");
    CHECK(mentions(about([](auto& t) { t.plugin.size = 8; }), "config: layerctl_plugin: wanted a struct of"));
    CHECK(about([](auto& t) { t.plugin.class_count = 2; }) == "config: classes: name 'Own' is given twice");
    CHECK(about([](auto& t) { t.classes[0] = nullptr; }) == "config: classes[0]: 'table' is null");
    CHECK(about([](auto& t) { t.layer.name = nullptr; }) == "config: classes[0]: there is no name");
    CHECK(about([](auto& t) { t.layer.call = nullptr; }) == "config: classes[0]: class 'Own': 'call' is null");
    CHECK(about([](auto& t) { t.layer.kind = LAYERCTL_CELL; }) == "config: classes[0]: class 'Own': 'states' is null");
    CHECK(mentions(about([](auto& t) { t.layer.kind = 7; }), "'kind': wanted a layer or a cell, found 7"));
    CHECK(mentions(about([](auto& t) { t.layer.mask = -1; }), "'mask': wanted 0 or 1, found -1"));
    CHECK(mentions(about([](auto& t) { t.layer.config = "{\"a\": "; }), "class 'Own': 'config': "));
    CHECK(mentions(about([](auto& t) { t.layer.config = "[]"; }), "'config': wanted an object, found []"));
    CHECK(mentions(about([](auto& t) {
                       t.layer.config = R"({"a": 1})";
                       t.layer.ignore = R"(["a"])";
                   }),
                   "key 'a' is given twice"));
    CHECK(mentions(about([](auto& t) { t.layer.inputs = "[]"; }), "'inputs': wanted one or more, found none"));
    CHECK(about([](auto& t) { t.activation.call = nullptr; }) ==
          "config: activations[0]: activation 'own': 'call' is null");
}

TEST_CASE("members that this layerctl does not know are refused unless they are zero") {
    struct Newer {
        layerctl_class known{};
        const void* more = nullptr;
    } newer;
    const auto about = [&] {
        return complaint_about_table([&](auto& t) {
            newer.known = t.layer;
            newer.known.size = sizeof newer;
            t.classes[0] = &newer.known;
        });
    };
    CHECK(about() == "");
    newer.more = &newer;
    CHECK(about() == "unsupported: classes[0]: layerctl_class uses what only a newer layerctl knows");
}

TEST_CASE("nobody defines a name twice") {
    const std::string odd = folder + "odd.so";
    CHECK(complaint_of([&] {
              stack("Stops", {}, with({"odd", "odd"}));
          }) == "config: class 'ThrowsInCreate' is defined twice: by " + odd + " and by " + odd);
    LoadOptions options = with({"odd"});
    options.custom_objects_json = R"({"layers": {"Stops": {"call": "x"}}})";
    CHECK(complaint_of([&] { stack("Stops", {}, options); }) ==
          "config: class 'Stops' is defined twice: by custom objects and by " + odd);
    options.custom_objects_json = R"({"functions": {"fails": "x"}})";
    CHECK(complaint_of([&] { stack("Stops", {}, options); }) ==
          "config: function 'fails' is defined twice: by custom objects and by " + odd);
}

TEST_CASE("a file and a plug-in define the classes of a model together") {
    LoadOptions options = with({"my_layers"});
    options.custom_objects_json = R"({"functions": {"pkg>sq": "x * x"}, "layers": {"Double": {"call": "x * 2.0"}}})";
    Sequential net("net");
    net.input({2}).add("Double").add("Activation", {{"activation", "steep_tanh"}});
    const Model model = net.build(1, options);
    const Tensor y = model.predict({Tensor::from(Shape{1, 2}, std::vector<float>{0.1F, -0.2F})}).front();
    CHECK(y.values<float>()[0] == Approx(std::tanh(0.6)));
    CHECK(y.values<float>()[1] == Approx(std::tanh(-1.2)));
}

TEST_CASE("a class of a plug-in stands before the one layerctl has by that name, as in Keras") {
    const Tensor x = Tensor::from(Shape{1, 4}, std::vector<float>{1, 2, 3, 4});
    CHECK(stack("Softmax").predict({x}).front().values<float>()[3] == 4);
    CHECK(stack("Softmax", {}, {}).predict({x}).front().values<float>()[3] < 1);
}

TEST_CASE("the config of a plug-in's layer") {
    const Config all = {{"flag", true},
                        {"count", 7},
                        {"rate", 0.25},
                        {"mode", "b"},
                        {"sizes", Value::array({3, 4, 5})},
                        {"rates", Value::array({1, 1.5})},
                        {"other", nullptr},
                        {"note", "whatever"}};
    CHECK(complaint("ReadsAll", all) == "");
    CHECK(complaint("RefusesConfig") ==
          "config: layer 'refuses_config' (RefusesConfig): config key 'mode': wanted any value, it is missing");
    CHECK(complaint("RefusesConfig", {{"mode", "day"}}) ==
          "config: layer 'refuses_config' (RefusesConfig): wanted another day for refuses_config");
    CHECK(complaint("RefusesConfig", {{"mode", 3}}) ==
          "config: layer 'refuses_config' (RefusesConfig): config key 'mode': wanted a string, found 3");
    CHECK(complaint("Stops", {{"rate", 0.5}}) ==
          "unsupported: layer 'stops' (Stops): config key 'rate' is unknown and might change the result, found 0.5");
    CHECK(
        complaint("AsksForMore") ==
        "config: layer 'asks_for_more' (AsksForMore): config key 'beta': the plug-in asks for it and does not list it");
}

TEST_CASE("no exception crosses the border") {
    const auto crossing = [](const std::function<int(layerctl_error*)>& callback) {
        return complaint_of([&] { plugins::cross("call", callback); });
    };
    CHECK(crossing([](layerctl_error*) { return int{LAYERCTL_OK}; }) == "");
    CHECK(crossing([](layerctl_error*) -> int { throw std::runtime_error("mine"); }) ==
          "internal: an exception left 'call' of the plug-in: mine");
    CHECK(crossing([](layerctl_error*) -> int { throw 42; }) == "internal: an exception left 'call' of the plug-in");
    CHECK(crossing([](layerctl_error*) { return 99; }) ==
          "internal: 'call' of the plug-in failed and does not say why");
    CHECK(crossing([](layerctl_error* error) {
              std::fill(error->text, error->text + error->capacity, 'x');  // without the closing zero
              return int{LAYERCTL_BAD_SHAPE};
          }) == "shape: " + std::string(1023, 'x'));

    char text[8] = "";
    layerctl_error error{sizeof error, sizeof text, text};
    CHECK(plugins::answered(&error, [] { fail(Code::config, "too long for it"); }) == LAYERCTL_BAD_CONFIG);
    CHECK(text == std::string("too lon"));
    CHECK(plugins::answered(nullptr, [] { throw std::bad_alloc(); }) == LAYERCTL_FAILED);
}

TEST_CASE("whatever a callback does ends as an error") {
    CHECK(complaint("ThrowsInCreate") == "internal: layer 'throws_in_create' (ThrowsInCreate): no such luck");
    CHECK(mentions(complaint("ThrowsInOutputs"), "internal: layer 'throws_in_outputs' (ThrowsInOutputs): "));
    CHECK(mentions(complaint("ThrowsInCall"), "(ThrowsInCall): wanted other numbers"));
    CHECK(mentions(complaint("NegativeShape"), "'outputs' of the plug-in: wanted dimensions, found -7"));
    CHECK(mentions(complaint("NoOutputs"), "'outputs' of the plug-in announces none"));
    CHECK(mentions(complaint("NeverKnown"), "an output whose shape (None, None) those of the inputs do not tell"));
    CHECK(mentions(complaint("ChangesItsMind"), "wanted an output of float32(2, 4), the plug-in now announces int32"));
    CHECK(mentions(complaint("TwiceTheName"), "'weights' of the plug-in: two weights are called 'w'"));
    CHECK(mentions(complaint("UnknownInitializer"), "guesswork"));
    CHECK(mentions(complaint("Activation", {{"activation", "fails"}}), "never right"));
}

TEST_CASE("a function of a plug-in in a Lambda layer") {
    const Config named = {{"function", "steep_tanh"}, {"function_type", "function"}};
    const Model model = stack("Lambda", named, with({"my_layers"}));
    const Tensor x = Tensor::from(Shape{1, 4}, std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
    CHECK(model.predict({x}).front().values<float>()[1] == Approx(std::tanh(0.6)));
}

TEST_CASE("a plug-in's layer computes in its own dtype") {
    const Tensor x = Tensor::from(Shape{1, 4}, std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
    const auto scaled = [&](const char* dtype) {
        return stack("ScaleShift", {{"dtype", dtype}, {"scale", 1.0 / 3}}, with({"corpus"})).predict({x}).front();
    };
    const Tensor doubles = scaled("float64"), halves = scaled("float16");
    REQUIRE(doubles.dtype() == DType::float64);
    CHECK(doubles.values<double>()[0] == double{0.1F} * (1.0 / 3) + 0.5);
    REQUIRE(halves.dtype() == DType::float16);
    CHECK(halves.cast(DType::float32).values<float>()[0] == 0.533203125F);  // 0.5333… rounded to 11 bits
}

TEST_CASE("inputs and masks of a plug-in's layer") {
    Functional net("net");
    const auto a = net.input({2}), b = net.input({2});
    const Model model = net.build({a, b}, {net.call("Difference", {}, {a, b})}, 1, with({"odd"}));
    const auto row = [](float x, float y) { return Tensor::from(Shape{1, 2}, std::vector<float>{x, y}); };
    CHECK(model.predict({row(5, 3), row(1, 4)}).front().values<float>()[1] == -1);
    CHECK(mentions(complaint("Difference"), "wanted 2 inputs, found 1"));

    const auto seen_behind = [](const char* class_name) {
        Sequential masked("masked");
        masked.input({3}, DType::int32).add("Embedding", {{"input_dim", 4}, {"output_dim", 2}, {"mask_zero", true}});
        masked.add(class_name).add("ShowsMask");
        const Tensor ids = Tensor::from(Shape{1, 3}, std::vector<std::int32_t>{2, 1, 0});
        const Tensor y = masked.build(1, with({"odd"})).predict({ids}).front();
        const auto values = y.values<std::int32_t>();
        return std::vector<std::int32_t>(values.begin(), values.end());
    };
    CHECK(seen_behind("Passes") == std::vector<std::int32_t>{1, 1, 0});
    CHECK(seen_behind("Stops") == std::vector<std::int32_t>{9, 9, 9});
}
