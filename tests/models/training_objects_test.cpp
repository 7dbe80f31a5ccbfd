// Regularizers, constraints, losses, metrics, optimizers and schedules: what passes and what does not.
#include <catch2/catch.hpp>

#include <filesystem>

#include "formats/bytes.hpp"
#include "formats/json/text.hpp"
#include "formats/load.hpp"
#include "models/training_objects.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using enum TrainingObject;
using test::complaint_of;

namespace {

namespace fs = std::filesystem;

Value object(const char* class_name, Value config) {
    return Value::object({{"class_name", class_name}, {"config", std::move(config)}});
}

std::string complaint(TrainingObject kind, const Value& value) {
    return complaint_of([&] { check_training_object(kind, value); });
}

std::vector<Error> layer_problems(const Value& config) {
    Problems problems;
    check_training_objects(config, problems);
    return problems.errors();
}

std::vector<Error> compile_problems(const Value& config) {
    Problems problems;
    check_training_config(config, problems);
    return problems.errors();
}

constexpr std::pair<const char*, TrainingObject> kinds[] = {
    {"regularizer", regularizer}, {"constraint", constraint}, {"loss", loss},
    {"metric", metric},           {"optimizer", optimizer},   {"schedule", schedule}};

}  // namespace

TEST_CASE("every class of Keras passes with the config it writes, and is known") {
    const fs::path file = fs::path(LAYERCTL_EXPECTATIONS).parent_path() / "objects.json";
    const Config every = formats::parse_json(formats::read_file(file));
    std::size_t count = 0;
    for (const auto& [version, parts] : *every.value().object())
        for (const auto& [name, kind] : kinds)
            for (const auto& [class_name, config] : *parts.find(name)->object()) {
                CAPTURE(version, class_name);
                CHECK(complaint(kind, object(class_name.c_str(), config)).empty());
                Value wrong = config;
                wrong.set("no_such_argument", 1);
                CHECK(complaint(kind, object(class_name.c_str(), wrong)).find("has no argument") != std::string::npos);
                ++count;
            }
    CHECK(count > 250);
}

TEST_CASE("what the models of the corpus were compiled with passes") {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(LAYERCTL_TESTDATA) / "golden/training")) {
        const fs::path file = entry.path() / "model.h5";
        if (!fs::exists(file)) continue;
        const std::string text = formats::load_model(file)->metadata.training_config;
        if (text.empty()) continue;
        CAPTURE(file);
        for (const Error& problem : compile_problems(formats::parse_json(text).value()))
            CHECK(std::string(problem.what()).empty());
        ++count;
    }
    CHECK(count > 50);
}

TEST_CASE("arguments of Keras' own classes are checked") {
    CHECK(complaint(constraint, object("MaxNorm", Value::object({{"max_valeu", 2}}))) ==
          "config: MaxNorm has no argument 'max_valeu' (did you mean 'max_value'?)");
    CHECK(complaint(constraint, object("MaxNorm", Value::object({{"max_value", "two"}}))) ==
          "config: argument 'max_value' of MaxNorm: wanted a number, found \"two\"");
    CHECK(complaint(optimizer, object("Adam", Value::object({{"amsgrad", 1}}))) ==
          "config: argument 'amsgrad' of Adam: wanted true or false, found 1");
    CHECK_FALSE(complaint(optimizer, object("Custom>Adam", Value::object({{"learning_rate", "fast"}}))).empty());
    CHECK(complaint(optimizer, object("Custom>Mine", Value::object({{"learning_rate", "fast"}}))).empty());
    CHECK(complaint(loss, object("Huber", 3)) == "config: config of Huber: wanted an object, found 3");
    CHECK(complaint(metric, 3) == "config: wanted a metric, found 3");
    const Value rate = object("ExponentialDecay", Value::object({{"decay_rate", false}}));
    CHECK(complaint(optimizer, object("SGD", Value::object({{"learning_rate", rate}}))) ==
          "config: argument 'decay_rate' of ExponentialDecay: wanted a number, found false");
}

TEST_CASE("what is not Keras' own passes") {
    for (const Value& value :
         {Value(), Value("l2"), Value("my_regularizer"), object("Mine", Value::object({{"x", 1}})),
          Value::object({{"name", "WeightRegularizer"}, {"l1", 0.0}, {"l2", 0.1}}),
          Value::object(
              {{"class_name", "L2"}, {"registered_name", "mine>L2"}, {"config", Value::object({{"strength", 1}})}})})
        CHECK(complaint(regularizer, value).empty());
    CHECK(complaint(loss, object("function", "mean_squared_error")).empty());
}

TEST_CASE("layers carry them, also those inside of others") {
    const Value wrong = object("L1", Value::object({{"l1", true}}));
    const Value dense = Value::object({{"units", 1}, {"kernel_regularizer", wrong}});
    const Value cells = Value::array({object("Cell", dense)});
    for (const Value& config :
         {dense, Value::object({{"layer", object("Dense", dense)}}), Value::object({{"cells", cells}})}) {
        const std::vector<Error> problems = layer_problems(config);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].what() ==
              std::string("config key 'kernel_regularizer': argument 'l1' of L1: wanted a number, found true"));
    }
    CHECK(layer_problems(Value::object({{"bias_constraint", 7}})).size() == 1);
}

TEST_CASE("models of several outputs have losses and metrics for each") {
    const Value wrong = object("Hinge", Value::object({{"margin", 1}}));
    const Value losses = Value::object({{"a", "mse"}, {"b", wrong}});
    const Value metrics = Value::array({Value::array({"accuracy"}), Value::array({wrong, nullptr})});
    const std::vector<Error> problems =
        compile_problems(Value::object({{"loss", losses}, {"metrics", metrics}, {"optimizer_config", 5}}));
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].what() == std::string("optimizer_config: wanted an optimizer, found 5"));
    CHECK(problems[1].what() == std::string("loss: Hinge has no argument 'margin'"));
}
