#include "formats/json/compile_config.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "formats/json/text.hpp"
#include "models/error.hpp"
#include "models/lower_case.hpp"
#include "models/training_objects.hpp"

namespace layerctl::formats {
namespace {

using enum TrainingObject;

constexpr std::string_view custom_prefix = "Custom>";

bool is_envelope(const Value& value) { return value.find("class_name") != nullptr; }

bool is_nested(const Value& value) {
    return value.array() != nullptr || (value.object() != nullptr && !is_envelope(value));
}

Value member(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found == nullptr ? Value() : *found;
}

/// Keras 2 finds its own optimizers of before 2.11 by names that the newer ones have, too.
bool is_legacy_optimizer(const Value& config) {
    if (config.object() == nullptr || config.object()->empty()) return false;
    const Value* legacy = config.find("is_legacy_optimizer");
    return legacy == nullptr || *legacy == Value(true);
}

/// Classes that Keras 2.15 has in no public module: it names the place of their source.
struct HiddenClass {
    TrainingObject kind;
    std::string_view name, module;
};
constexpr std::array<HiddenClass, 5> hidden_classes = {{
    {metric, "MeanMetricWrapper", "keras.src.metrics.base_metric"},
    {loss, "LossFunctionWrapper", "keras.src.losses"},
    {optimizer, "LossScaleOptimizer", "keras.src.mixed_precision.loss_scale_optimizer"},
    {optimizer, "LossScaleOptimizerV1", "keras.src.mixed_precision.loss_scale_optimizer"},
    {optimizer, "LossScaleOptimizerV3", "keras.src.mixed_precision.loss_scale_optimizer"},
}};

struct Place {
    std::string module;
    Value registered_name;
};

std::string public_module(TrainingObject kind) {
    if (kind == loss) return "keras.losses";
    return kind == metric ? "keras.metrics" : "keras.optimizers";
}

/// Where a class is that a legacy file names alone; one that is not Keras' own is found by its name.
Place place_of(TrainingObject kind, const std::string& name, const Value& config, Dialect dialect) {
    const bool is_keras2 = dialect == Dialect::keras2;
    for (const HiddenClass& hidden : hidden_classes)
        if (is_keras2 && hidden.kind == kind && hidden.name == name) return {std::string(hidden.module), name};
    const bool prefixed = kind == optimizer && name.starts_with(custom_prefix);
    if (training_class(kind, prefixed ? name.substr(custom_prefix.size()) : name).empty()) return {"builtins", name};
    if (kind == optimizer && is_keras2 && !prefixed && is_legacy_optimizer(config))
        return {"keras.optimizers.legacy", {}};
    return {public_module(kind), {}};
}

/// {"class_name", "config"} with the module of the class.
Value with_module(TrainingObject kind, const Value& object, Dialect dialect) {
    if (object.find("module") != nullptr) return object;
    const std::string name = object.string_at("class_name"), bare = name.substr(name.find('>') + 1);
    const Place place = place_of(kind, name, member(object, "config"), dialect);
    const std::string spelled(training_class(kind, bare));
    return Value::object({{"module", place.module},
                          {"class_name", spelled.empty() ? bare : spelled},
                          {"config", member(object, "config")},
                          {"registered_name", place.registered_name}});
}

/// The reverse. A function is its name.
Value without_module(TrainingObject kind, const Value& object, Dialect dialect) {
    const std::string name = object.string_at("class_name"), module = object.string_at("module");
    if (name == "function") return member(object, "config");
    if (name.starts_with("__")) fail(Code::unsupported, "a legacy h5 cannot hold an object of ", name);
    const std::string registered = object.string_at("registered_name");
    const bool newer = kind == optimizer && dialect == Dialect::keras2 && registered.empty() &&
                       module.starts_with("keras.optimizers") && module != "keras.optimizers.legacy";
    const std::string prefix(newer ? custom_prefix : "");
    return Value::object(
        {{"class_name", registered.empty() ? prefix + name : registered}, {"config", member(object, "config")}});
}

/// Visits one object, or lists and dictionaries of them.
template <class Visit>
Value mapped(const Value& value, const Visit& visit) {
    if (value.is_null()) return value;
    if (!is_nested(value)) return visit(value);
    Value result = value;
    if (Value::Array* items = result.array())
        for (Value& item : *items) item = mapped(item, visit);
    if (Value::Object* members = result.object())
        for (auto& entry : *members) entry.second = mapped(entry.second, visit);
    return result;
}

/// Short names of losses and metrics, which are the names of the latter, too; the function and the class of Keras 3.
struct ShortName {
    std::string_view name, function, class_name;
};
constexpr std::array<ShortName, 9> short_names = {{
    {"bce", "binary_crossentropy", "BinaryCrossentropy"},
    {"mse", "mean_squared_error", "MeanSquaredError"},
    {"mae", "mean_absolute_error", "MeanAbsoluteError"},
    {"mape", "mean_absolute_percentage_error", "MeanAbsolutePercentageError"},
    {"msle", "mean_squared_logarithmic_error", "MeanSquaredLogarithmicError"},
    {"kld", "kl_divergence", "KLDivergence"},
    {"logcosh", "log_cosh", ""},
    {"cosine_proximity", "cosine_similarity", ""},
    {"kullback_leibler_divergence", "kl_divergence", ""},
}};

/// Keras chooses the function by the shapes that it is given.
bool hangs_on_shapes(const std::string& name) {
    constexpr std::array<std::string_view, 4> names = {"accuracy", "acc", "crossentropy", "ce"};
    return std::find(names.begin(), names.end(), lower_case(name)) != names.end();
}

const ShortName* find_short_name(const std::string& name) {
    const auto found = std::find_if(short_names.begin(), short_names.end(),
                                    [&](const ShortName& row) { return row.name == lower_case(name); });
    return found == short_names.end() ? nullptr : &*found;
}

Value named(std::string_view class_name, const std::string& name, Value::Object more = {}) {
    Value config = Value::object({{"name", name}, {"dtype", "float32"}});
    for (auto& [key, value] : more) config.set(key, std::move(value));
    return Value::object({{"class_name", std::string(class_name)}, {"config", config}});
}

/// Keras 2 gives the outputs of a model unique names.
std::vector<std::string> output_names(const ModelSpec& model) {
    std::vector<std::string> names;
    for (const TensorRef& output : model.outputs.tensors()) {
        const std::string& layer = model.layers.at(output.layer).name;
        std::string name = layer;
        for (std::size_t count = 1; std::find(names.begin(), names.end(), name) != names.end(); ++count)
            name = cat(layer, "_", count);
        names.push_back(name);
    }
    return names;
}

/// Metrics. Keras 2 puts the name of the output before that of the metric if there are several; a legacy h5 holds them
/// with it, other files as they were given.
class Metrics {
public:
    Metrics(const ModelSpec& model, std::vector<std::string>& left_out)
        : dialect_(model.dialect), outputs_(output_names(model)), left_out_(left_out) {}

    Value as(CompileForm form, const Value& metrics) const {
        const bool legacy = form == CompileForm::training_config;
        return per_output(metrics, legacy, [&](const Value& value, const std::string& prefix) {
            return legacy ? legacy_metric(value, prefix) : metric_with_module(value, prefix);
        });
    }

private:
    template <class Visit>
    Value per_output(const Value& metrics, bool legacy, const Visit& visit) const {
        const auto all = [&](const Value& value, const std::string& output) {
            const std::string prefix = output.empty() ? "" : output + "_";
            return mapped(value, [&](const Value& leaf) { return visit(leaf, prefix); });
        };
        if (metrics.is_null() || dialect_ != Dialect::keras2 || outputs_.size() < 2) return all(metrics, "");
        Value result = metrics;
        if (Value::Object* members = result.object(); members != nullptr && !is_envelope(metrics)) {
            for (auto& [output, value] : *members) value = all(value, output);
        } else if (Value::Array* items = result.array(); items != nullptr && std::ranges::any_of(*items, is_nested)) {
            for (std::size_t i = 0; i < items->size(); ++i)
                (*items)[i] = all((*items)[i], i < outputs_.size() ? outputs_[i] : "");
        } else if (legacy) {
            result = Value(Value::Object());
            for (const std::string& output : outputs_) result.set(output, all(metrics, output));
        } else {
            result = all(metrics, "");
        }
        return result;
    }

    Value metric_with_module(const Value& value, const std::string& prefix) const {
        if (!is_envelope(value)) return value;
        Value object = with_module(metric, value, dialect_);
        Value* config = object.find("config");
        const std::string name = config == nullptr ? "" : config->string_at("name");
        if (!prefix.empty() && name.starts_with(prefix)) config->set("name", name.substr(prefix.size()));
        return object;
    }

    Value legacy_metric(const Value& value, const std::string& prefix) const {
        const Value object = is_envelope(value) ? without_module(metric, value, dialect_) : value;
        if (object.string() != nullptr) return legacy_name(*object.string(), prefix);
        if (prefix.empty()) return object;
        Value renamed = object;
        Value* config = renamed.find("config");
        const std::string name = config == nullptr ? "" : config->string_at("name");
        if (name.empty()) return without_output(object, renamed.string_at("class_name"), prefix);
        config->set("name", prefix + name);
        return renamed;
    }

    /// A legacy h5 would have Keras call the metric as its function is called.
    Value legacy_name(const std::string& name, const std::string& prefix) const {
        const ShortName* known = find_short_name(name);
        if (dialect_ == Dialect::keras3)
            return known != nullptr && !known->class_name.empty() ? named(known->class_name, name) : Value(name);
        if (prefix.empty() && known == nullptr) return name;
        if (hangs_on_shapes(name) || !training_class(metric, name).empty()) return without_output(name, name, prefix);
        return named("MeanMetricWrapper", prefix + name,
                     {{"fn", known == nullptr ? name : std::string(known->function)}});
    }

    Value without_output(const Value& value, const std::string& name, const std::string& prefix) const {
        left_out_.push_back(
            cat("the output's name '", prefix.substr(0, prefix.size() - 1), "' before metric '", name, "'"));
        return value;
    }

    Dialect dialect_;
    std::vector<std::string> outputs_;
    std::vector<std::string>& left_out_;
};

/// An optimizer that is a name alone as an object with all its defaults.
Value optimizer_object(const Value& value, Dialect dialect) {
    if (value.string() == nullptr) return value;
    const Value object = Value::object({{"class_name", *value.string()}, {"config", Value::Object()}});
    return with_module(optimizer, object, dialect);
}

bool keeps_state(const Value& with_module) {
    const std::string module = with_module.string_at("module");
    return module == "keras.optimizers" || module == "keras.optimizers.experimental";
}

constexpr std::array<std::string_view, 3> settings = {"run_eagerly", "steps_per_execution", "jit_compile"};

bool is_default(const Value& setting) { return setting.is_null() || setting == Value(false) || setting == Value(1); }

/// Members that the other form has no place for, or that Keras does not read there.
void note_unsaid(CompileForm form, const Value& source, std::vector<std::string>& left_out) {
    constexpr std::array<std::string_view, 6> said = {"optimizer", "optimizer_config", "loss",
                                                      "metrics",   "loss_weights",     "weighted_metrics"};
    for (const auto& [key, value] : *source.object()) {
        const bool setting = std::find(settings.begin(), settings.end(), key) != settings.end();
        const bool lost = setting ? form == CompileForm::training_config && !is_default(value)
                                  : std::find(said.begin(), said.end(), key) == said.end() && !value.is_null();
        if (lost) left_out.push_back(cat("'", key, "' = ", excerpt(value), " of the training configuration"));
    }
}

/// Keras 3 does not find the short names of losses in a legacy h5.
Value loss_as(CompileForm form, const Value& value, Dialect dialect) {
    const bool legacy = form == CompileForm::training_config;
    if (is_envelope(value)) return legacy ? without_module(loss, value, dialect) : with_module(loss, value, dialect);
    if (!legacy || dialect != Dialect::keras3 || value.string() == nullptr) return value;
    const ShortName* known = find_short_name(*value.string());
    return known == nullptr ? value : Value(std::string(known->function));
}

using Members = std::vector<std::pair<std::string, Value>>;

/// Keras 2 does not write the settings here.
Value training_config(Members said, const Value& source, Dialect dialect) {
    Value config(std::move(said));
    if (dialect == Dialect::keras3)
        for (const std::string_view key : settings) config.set(key, member(source, key));
    config.set("optimizer_config",
               without_module(optimizer, optimizer_object(member(source, "optimizer"), dialect), dialect));
    return config;
}

Value compile_config(Members said, const Value& source, Dialect dialect) {
    Value config = Value::object({{"optimizer", with_module(optimizer, member(source, "optimizer_config"), dialect)}});
    for (auto& [key, value] : said) config.set(key, std::move(value));
    for (const std::string_view key : settings) config.set(key, member(source, key));
    return config;
}

/// As compile() takes it to be where nothing is said: Keras 3 leaves it out of an archive saved after a legacy h5.
constexpr const char* default_optimizer = "rmsprop";

Config checked_config(const std::string& text) {
    Config source = parse_json(text);
    if (source.value().object() == nullptr) fail(Code::config, "wanted an object, found ", excerpt(source.value()));
    Problems problems;
    check_training_config(source.value(), problems);
    problems.throw_if_any();
    return source;
}

}  // namespace

CompileConfig compile_config_as(CompileForm form, const ModelSpec& model) {
    const std::string& text = model.metadata.training_config;
    Value source = checked_config(text).value();
    const bool is_legacy = source.find("optimizer_config") != nullptr;
    const bool is_default = !is_legacy && source.find("optimizer") == nullptr;
    if (is_default) source.set("optimizer", default_optimizer);
    const Value optimized =
        optimizer_object(member(source, is_legacy ? "optimizer_config" : "optimizer"), model.dialect);
    if (!is_envelope(optimized)) fail(Code::config, "wanted an optimizer, found ", excerpt(optimized));
    if (is_legacy == (form == CompileForm::training_config))
        return {text, is_legacy || (!is_default && keeps_state(optimized))};

    CompileConfig made;
    note_unsaid(form, source, made.left_out);
    const Metrics metrics(model, made.left_out);
    Members said = {{"loss", mapped(member(source, "loss"),
                                    [&](const Value& value) { return loss_as(form, value, model.dialect); })},
                    {"loss_weights", member(source, "loss_weights")},
                    {"metrics", metrics.as(form, member(source, "metrics"))},
                    {"weighted_metrics", metrics.as(form, member(source, "weighted_metrics"))}};
    const bool to_legacy = form == CompileForm::training_config;
    made.text = to_json(to_legacy ? training_config(std::move(said), source, model.dialect)
                                  : compile_config(std::move(said), source, model.dialect));
    made.keeps_state = !is_default && keeps_state(with_module(optimizer, optimized, model.dialect));
    return made;
}

}  // namespace layerctl::formats
