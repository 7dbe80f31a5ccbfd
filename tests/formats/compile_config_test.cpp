// What Keras 2.15 and 3.12 wrote of one compiled model into a legacy h5 and into an archive.
#include "formats/json/compile_config.hpp"

#include <catch2/catch.hpp>

#include "formats/json/text.hpp"
#include "formats/load.hpp"
#include "models/error.hpp"

using namespace layerctl;
using formats::CompileConfig;
using formats::CompileForm;

namespace {

std::string dense(const std::string& name) {
    return R"({"class_name": "Dense", "name": ")" + name + R"(", "config": {"name": ")" + name +
           R"(", "units": 2}, "inbound_nodes": [[["i", 0, 0, {}]]]})";
}

/// A Functional with outputs of these layers, in a file of that version.
ModelSpec model_with(const std::vector<std::string>& outputs, const std::string& version, std::string compiled) {
    std::string layers =
        R"({"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [null, 4]}, )"
        R"("inbound_nodes": []})";
    std::string references;
    for (const std::string& name : outputs) {
        layers += ", " + dense(name);
        references += (references.empty() ? "[\"" : ", [\"") + name + "\", 0, 0]";
    }
    ModelSpec model = *formats::parse_model_json(R"({"class_name": "Functional", "config": {"name": "f", "layers": [)" +
                                                 layers + R"(], "input_layers": [["i", 0, 0]], "output_layers": [)" +
                                                 references + R"(]}, "keras_version": "2.15.0"})");
    model.dialect = version.starts_with('3') ? Dialect::keras3 : Dialect::keras2;
    model.metadata.training_config = std::move(compiled);
    return model;
}

CompileConfig as(CompileForm form, const std::vector<std::string>& outputs, const std::string& version,
                 const std::string& compiled) {
    return compile_config_as(form, model_with(outputs, version, compiled));
}

Value value(const std::string& json) { return formats::parse_json(json).value(); }

const std::string keras3_loss =
    R"("loss": {"a": "mse", "b": {MODULE"class_name": "KLDivergence", "config": {"name": "kl_divergence"}END}}, )"
    R"("loss_weights": {"a": 0.5, "b": 2.0}, )"
    R"("metrics": {"a": ["accuracy"], "b": [{METRIC"class_name": "AUC", "config": {"name": "auc"}END}]}, )"
    R"("weighted_metrics": null, "run_eagerly": false, "steps_per_execution": 1, "jit_compile": false)";

std::string filled(std::string text, bool with_modules) {
    const auto put = [&](const std::string& mark, const std::string& by) {
        for (std::size_t at = 0; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), by);
    };
    put("MODULE", with_modules ? R"("module": "keras.losses", )" : "");
    put("METRIC", with_modules ? R"("module": "keras.metrics", )" : "");
    put("END", with_modules ? R"(, "registered_name": null)" : "");
    return text;
}

const std::string keras3_h5 = "{" + filled(keras3_loss, false) +
                              R"(, "optimizer_config": {"class_name": "Adam", "config": {"learning_rate": 0.001}}})";
const std::string keras3_archive =
    R"({"optimizer": {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.001}, )"
    R"("registered_name": null}, )" +
    filled(keras3_loss, true) + "}";

const std::string keras2_h5 =
    R"({"loss": ["mse", "hinge"], "loss_weights": null, "metrics": [[{"class_name": "MeanMetricWrapper", "config": )"
    R"({"name": "a_mae", "dtype": "float32", "fn": "mean_absolute_error"}}], [{"class_name": "AUC", "config": )"
    R"({"name": "b_auc"}}]], "weighted_metrics": null, )"
    R"("optimizer_config": {"class_name": "Custom>Adam", "config": {"is_legacy_optimizer": false}}})";
const std::string keras2_archive =
    R"({"optimizer": {"module": "keras.optimizers", "class_name": "Adam", "config": {"is_legacy_optimizer": false}, )"
    R"("registered_name": null}, "loss": ["mse", "hinge"], "loss_weights": null, "metrics": [["mae"], )"
    R"([{"module": "keras.metrics", "class_name": "AUC", "config": {"name": "auc"}, "registered_name": null}]], )"
    R"("weighted_metrics": null, "run_eagerly": null, "steps_per_execution": null, "jit_compile": null})";

}  // namespace

TEST_CASE("compile config: Keras 3 says the same in both forms") {
    const CompileConfig archive = as(CompileForm::compile_config, {"a", "b"}, "3.12.0", keras3_h5);
    CHECK(archive.text == keras3_archive);
    CHECK(archive.keeps_state);
    const CompileConfig h5 = as(CompileForm::training_config, {"a", "b"}, "3.12.0", keras3_archive);
    Value wanted = value(keras3_h5);
    wanted.find("loss")->set("a", "mean_squared_error");  // Keras 3.12 does not load "mse" from an h5
    CHECK(value(h5.text) == wanted);
    CHECK(h5.left_out.empty());
}

TEST_CASE("compile config: Keras 2 names metrics by their outputs in a legacy h5 only") {
    CHECK(value(as(CompileForm::training_config, {"a", "b"}, "2.15.0", keras2_archive).text) == value(keras2_h5));
    const Value metrics = *value(as(CompileForm::compile_config, {"a", "b"}, "2.15.0", keras2_h5).text).find("metrics");
    CHECK(
        to_json(metrics) ==
        R"([[{"module": "keras.src.metrics.base_metric", "class_name": "MeanMetricWrapper", "config": {"name": "mae", )"
        R"("dtype": "float32", "fn": "mean_absolute_error"}, "registered_name": "MeanMetricWrapper"}], )"
        R"([{"module": "keras.metrics", "class_name": "AUC", "config": {"name": "auc"}, "registered_name": null}]])");
}

TEST_CASE("compile config: what every output is measured by gets the name of each") {
    const CompileConfig h5 = as(CompileForm::training_config, {"a", "b"}, "2.15.0",
                                R"({"optimizer": "adam", "loss": "mse", "metrics": ["mae", "accuracy"]})");
    const Value metrics = *value(h5.text).find("metrics");
    CHECK(metrics.find("a")->array()->front().find("config")->string_at("name") == "a_mae");
    CHECK(metrics.find("b")->array()->front().find("config")->string_at("name") == "b_mae");
    CHECK(h5.left_out == std::vector<std::string>{"the output's name 'a' before metric 'accuracy'",
                                                  "the output's name 'b' before metric 'accuracy'"});
    CHECK(value(h5.text).find("optimizer_config")->string_at("class_name") == "Custom>Adam");
}

TEST_CASE("compile config: optimizers of Keras 2 from before 2.11 are found under their own module, without state") {
    const CompileConfig archive =
        as(CompileForm::compile_config, {"a"}, "2.15.0",
           R"({"optimizer_config": {"class_name": "Adam", "config": {"lr": 0.1, "decay": 0.0}}, "loss": "mse"})");
    CHECK(value(archive.text).find("optimizer")->string_at("module") == "keras.optimizers.legacy");
    CHECK(!archive.keeps_state);
}

TEST_CASE(
    "compile config: functions are their names, settings no h5 has are named, classes of the user keep their names") {
    const CompileConfig h5 = as(
        CompileForm::training_config, {"a"}, "3.12.0",
        R"({"optimizer": {"module": "mine", "class_name": "Mine", "config": {}, "registered_name": "own>Mine"}, )"
        R"("loss": {"module": "builtins", "class_name": "function", "config": "hinge", "registered_name": "function"}, )"
        R"("steps_per_execution": 3, "jit_compile": true, "other": 1})");
    CHECK(value(h5.text).string_at("loss") == "hinge");
    CHECK(value(h5.text).find("optimizer_config")->string_at("class_name") == "own>Mine");
    CHECK(!h5.keeps_state);
    CHECK(h5.left_out == std::vector<std::string>{"'steps_per_execution' = 3 of the training configuration",
                                                  "'jit_compile' = true of the training configuration",
                                                  "'other' = 1 of the training configuration"});
    const CompileConfig archive = as(CompileForm::compile_config, {"a"}, "3.12.0", h5.text);
    CHECK(value(archive.text).find("optimizer")->string_at("registered_name") == "own>Mine");
    CHECK(value(archive.text).find("optimizer")->string_at("class_name") == "Mine");
}

TEST_CASE("compile config: an optimizer that Keras left out is its default one, whose state the file does not hold") {
    const CompileConfig h5 = as(CompileForm::training_config, {"a"}, "3.12.0", R"({"loss": "hinge"})");
    CHECK(value(h5.text).find("optimizer_config")->string_at("class_name") == "RMSprop");
    CHECK(!h5.keeps_state);
}

TEST_CASE("compile config: what is none, or cannot be said, is an error") {
    const auto refused = [](const std::string& compiled) {
        CHECK_THROWS_AS(as(CompileForm::training_config, {"a"}, "3.12.0", compiled), Error);
    };
    refused("{");
    refused("[]");
    refused(R"({"optimizer": null, "loss": "mse"})");
    refused(R"({"optimizer": {"class_name": "Adam", "config": {"beta1": 0.9}}})");
    refused(R"({"optimizer": "adam", "loss": {"class_name": "__lambda__", "config": {"value": "x"}}})");
}
