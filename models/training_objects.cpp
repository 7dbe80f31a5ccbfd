#include "models/training_objects.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "models/lower_case.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

using enum TrainingObject;

/// Arguments are "name:type name:type …", types those of `types` below. null stands for any of them.
struct Class {
    TrainingObject kind;
    std::string_view name, arguments;
};

constexpr std::string_view ious =
    "num_classes:integer target_class_ids:list ignore_class:integer sparse_y_true:flag "
    "sparse_y_pred:flag axis:integer";
constexpr std::string_view adam = "beta_1:number beta_2:number epsilon:number amsgrad:flag schedule_decay:number";
constexpr std::string_view crossentropy = "from_logits:flag label_smoothing:number axis:axes";
constexpr std::string_view confusion = "thresholds:numbers top_k:integer class_id:integer";
constexpr std::string_view at_value =
    "class_id:integer num_thresholds:integer sensitivity:number specificity:number "
    "precision:number recall:number";
constexpr std::string_view decay =
    "initial_learning_rate:number decay_steps:number decay_rate:number staircase:flag "
    "alpha:number warmup_target:number warmup_steps:number";

// Keras 2.15, 3.12 and 3.15; a class stands once with the arguments of all.
constexpr Class classes[] = {
    {regularizer, "L1", "l1:number"},
    {regularizer, "L2", "l2:number"},
    {regularizer, "L1L2", "l1:number l2:number"},
    {regularizer, "OrthogonalRegularizer", "factor:number mode:text"},

    {constraint, "MaxNorm", "max_value:number axis:axes m:number"},
    {constraint, "MinMaxNorm", "min_value:number max_value:number rate:number axis:axes"},
    {constraint, "NonNeg", ""},
    {constraint, "RadialConstraint", ""},
    {constraint, "UnitNorm", "axis:axes"},

    {loss, "BinaryCrossentropy", crossentropy},
    {loss, "BinaryFocalCrossentropy",
     "from_logits:flag label_smoothing:number axis:axes apply_class_balancing:flag alpha:number gamma:number"},
    {loss, "CTC", ""},
    {loss, "CategoricalCrossentropy", crossentropy},
    {loss, "CategoricalFocalCrossentropy",
     "from_logits:flag label_smoothing:number axis:axes alpha:numbers gamma:number"},
    {loss, "CategoricalGeneralizedCrossEntropy", "q:number"},
    {loss, "CategoricalHinge", ""},
    {loss, "Circle", "gamma:number margin:number remove_diagonal:flag"},
    {loss, "CosineSimilarity", "axis:axes"},
    {loss, "Dice", "axis:axes"},
    {loss, "Hinge", ""},
    {loss, "Huber", "delta:number"},
    {loss, "KLDivergence", ""},
    {loss, "LogCosh", ""},
    {loss, "MeanAbsoluteError", ""},
    {loss, "MeanAbsolutePercentageError", ""},
    {loss, "MeanSquaredError", ""},
    {loss, "MeanSquaredLogarithmicError", ""},
    {loss, "Poisson", ""},
    {loss, "SparseCategoricalCrossentropy", "from_logits:flag ignore_class:integer axis:axes"},
    {loss, "SquaredHinge", ""},
    {loss, "Tversky", "alpha:number beta:number axis:axes"},

    {metric, "AUC",
     "num_thresholds:integer curve:text summation_method:text multi_label:flag num_labels:integer "
     "label_weights:list from_logits:flag thresholds:list"},
    {metric, "Accuracy", ""},
    {metric, "BinaryAccuracy", "threshold:number"},
    {metric, "BinaryCrossentropy", crossentropy},
    {metric, "BinaryIoU", "target_class_ids:list threshold:number"},
    {metric, "CategoricalAccuracy", ""},
    {metric, "CategoricalCrossentropy", crossentropy},
    {metric, "CategoricalHinge", ""},
    {metric, "ConcordanceCorrelation", "axis:axes"},
    {metric, "CosineSimilarity", "axis:axes"},
    {metric, "F1Score", "average:text threshold:number"},
    {metric, "FBetaScore", "average:text beta:number threshold:number"},
    {metric, "FalseNegatives", "thresholds:numbers"},
    {metric, "FalsePositives", "thresholds:numbers"},
    {metric, "Hinge", ""},
    {metric, "IoU", ious},
    {metric, "KLDivergence", ""},
    {metric, "LogCoshError", ""},
    {metric, "Mean", ""},
    {metric, "MeanAbsoluteError", ""},
    {metric, "MeanAbsolutePercentageError", ""},
    {metric, "MeanIoU", ious},
    {metric, "MeanMetricWrapper", "*"},
    {metric, "MeanRelativeError", "normalizer:any"},
    {metric, "MeanSquaredError", ""},
    {metric, "MeanSquaredLogarithmicError", ""},
    {metric, "MeanTensor", "shape:list"},
    {metric, "OneHotIoU", ious},
    {metric, "OneHotMeanIoU", ious},
    {metric, "PearsonCorrelation", "axis:axes"},
    {metric, "Poisson", ""},
    {metric, "Precision", confusion},
    {metric, "PrecisionAtRecall", at_value},
    {metric, "R2Score", "class_aggregation:text num_regressors:integer"},
    {metric, "Recall", confusion},
    {metric, "RecallAtPrecision", at_value},
    {metric, "RootMeanSquaredError", ""},
    {metric, "SensitivityAtSpecificity", at_value},
    {metric, "SparseCategoricalAccuracy", ""},
    {metric, "SparseCategoricalCrossentropy", "from_logits:flag ignore_class:integer axis:axes"},
    {metric, "SparseTopKCategoricalAccuracy", "k:integer from_sorted_ids:flag"},
    {metric, "SpecificityAtSensitivity", at_value},
    {metric, "SquaredHinge", ""},
    {metric, "Sum", ""},
    {metric, "TopKCategoricalAccuracy", "k:integer"},
    {metric, "TrueNegatives", "thresholds:numbers"},
    {metric, "TruePositives", "thresholds:numbers"},

    {optimizer, "Adadelta", "rho:number epsilon:number"},
    {optimizer, "Adafactor",
     "beta_2_decay:number epsilon_1:number epsilon_2:number clip_threshold:number relative_step:flag"},
    {optimizer, "Adagrad", "initial_accumulator_value:number epsilon:number"},
    {optimizer, "Adam", adam},
    {optimizer, "AdamW", adam},
    {optimizer, "Adamax", adam},
    {optimizer, "Ftrl",
     "learning_rate_power:number initial_accumulator_value:number l1_regularization_strength:number "
     "l2_regularization_strength:number l2_shrinkage_regularization_strength:number beta:number"},
    {optimizer, "Lamb", adam},
    {optimizer, "Lion", adam},
    {optimizer, "LossScaleOptimizer",
     "inner_optimizer:optimizer initial_scale:number dynamic_growth_steps:integer dynamic:flag"},
    {optimizer, "MultiOptimizer", "*"},
    {optimizer, "Muon",
     "adam_beta_1:number adam_beta_2:number epsilon:number exclude_layers:list muon_a:number "
     "muon_b:number muon_c:number adam_lr_ratio:number momentum:number ns_steps:integer "
     "nesterov:flag exclude_embeddings:flag adam_weight_decay:number rms_rate:number"},
    {optimizer, "Nadam", adam},
    {optimizer, "RMSprop", "rho:number momentum:number epsilon:number centered:flag"},
    {optimizer, "SGD", "momentum:number nesterov:flag"},
    {optimizer, "ScheduleFreeAdamW", "beta_1:number beta_2:number epsilon:number warmup_steps:integer"},

    {schedule, "CosineDecay", decay},
    {schedule, "CosineDecayRestarts",
     "initial_learning_rate:number first_decay_steps:number t_mul:number m_mul:number alpha:number"},
    {schedule, "ExponentialDecay", decay},
    {schedule, "InverseTimeDecay", decay},
    {schedule, "PiecewiseConstantDecay", "boundaries:list values:list"},
    {schedule, "PolynomialDecay",
     "initial_learning_rate:number decay_steps:number end_learning_rate:number "
     "power:number cycle:flag"},
};

struct Kind {
    TrainingObject kind;
    std::string_view name, arguments;  // arguments of every class of the kind
};

constexpr Kind kinds[] = {
    {regularizer, "a regularizer", ""},
    {constraint, "a constraint", ""},
    {loss, "a loss", "name:text reduction:text fn:any dtype:any"},
    {metric, "a metric", "name:text dtype:any fn:any"},
    {optimizer, "an optimizer",
     "name:text learning_rate:rate lr:rate decay:number weight_decay:number clipnorm:number global_clipnorm:number "
     "clipvalue:number use_ema:flag ema_momentum:number ema_overwrite_frequency:integer jit_compile:flag "
     "is_legacy_optimizer:flag loss_scale_factor:number gradient_accumulation_steps:integer"},
    {schedule, "a schedule", "name:text"},
};

const Kind& kind_of(TrainingObject kind) {
    return *std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& row) { return row.kind == kind; });
}

bool is_number(const Value& value) { return value.number() != nullptr || value.integer() != nullptr; }
bool is_envelope(const Value& value) { return value.find("class_name") != nullptr; }
bool is_list(const Value& value) { return value.array() != nullptr; }

/// Serialized arrays and tensors are taken for numbers.
struct Type {
    std::string_view name, wanted;
    bool (*holds)(const Value&);
};

constexpr std::array types = {
    Type{"number", "a number", [](const Value& v) { return is_number(v) || is_envelope(v); }},
    Type{"integer", "an integer", [](const Value& v) { return is_number(v) || is_envelope(v); }},
    Type{"flag", "true or false", [](const Value& v) { return v.boolean() != nullptr; }},
    Type{"text", "a string", [](const Value& v) { return v.string() != nullptr; }},
    Type{"list", "a list", [](const Value& v) { return is_list(v) || is_envelope(v); }},
    Type{"numbers", "a number or a list", [](const Value& v) { return is_number(v) || is_list(v) || is_envelope(v); }},
    Type{"axes", "an integer or a list", [](const Value& v) { return v.integer() != nullptr || is_list(v); }},
    Type{"rate", "a number or a schedule", [](const Value& v) { return is_number(v) || is_envelope(v); }},
    Type{"optimizer", "an optimizer", is_envelope},
    Type{"any", "anything", [](const Value&) { return true; }},
};

/// The name of the type of an argument in a list of them; empty if the list lacks it.
std::string_view type_in(std::string_view arguments, std::string_view name) {
    while (!arguments.empty()) {
        const std::string_view entry = arguments.substr(0, arguments.find(' '));
        const std::size_t colon = entry.find(':');
        if (entry.substr(0, colon) == name) return entry.substr(colon + 1);
        arguments.remove_prefix(std::min(entry.size() + 1, arguments.size()));
    }
    return {};
}

std::vector<std::string> names_in(std::string_view arguments) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < arguments.size(); at = std::min(arguments.find(' ', at), arguments.size() - 1) + 1)
        names.emplace_back(arguments.substr(at, arguments.find(':', at) - at));
    return names;
}

void check_argument(const Class& object, const std::string& name, const Value& value) {
    std::string_view type = type_in(object.arguments, name);
    if (type.empty()) type = type_in(kind_of(object.kind).arguments, name);
    if (type.empty())
        fail(Code::config, object.name, " has no argument '", name, "'",
             did_you_mean(name, names_in(object.arguments)));
    if (value.is_null()) return;
    const auto row = std::find_if(types.begin(), types.end(), [&](const Type& t) { return t.name == type; });
    if (!row->holds(value))
        fail(Code::config, "argument '", name, "' of ", object.name, ": wanted ", row->wanted, ", found ",
             excerpt(value));
    if (type == "optimizer") check_training_object(optimizer, value);
    if (type == "rate" && is_envelope(value)) check_training_object(schedule, value);
}

/// Keras 2.15 registers its own optimizers as if they were a user's: "Custom>Adam".
const Class* find_class(TrainingObject kind, std::string_view name) {
    constexpr std::string_view custom = "Custom>";
    if (kind == optimizer && name.starts_with(custom)) name.remove_prefix(custom.size());
    const auto found = std::find_if(std::begin(classes), std::end(classes),
                                    [&](const Class& row) { return row.kind == kind && row.name == name; });
    return found == std::end(classes) ? nullptr : &*found;
}

/// Registered under a name of the user's own.
bool is_custom(const Value& object, const std::string& class_name) {
    const Value* registered = object.find("registered_name");
    return registered != nullptr && registered->string() != nullptr && *registered->string() != class_name;
}

void check_envelope(TrainingObject kind, const Value& object, const std::string& class_name) {
    const Class* known = is_custom(object, class_name) ? nullptr : find_class(kind, class_name);
    const Value* config = object.find("config");
    if (known == nullptr || config == nullptr || config->is_null() || known->arguments == "*") return;
    if (config->object() == nullptr)
        fail(Code::config, "config of ", class_name, ": wanted an object, found ", excerpt(*config));
    for (const auto& [name, value] : *config->object()) check_argument(*known, name, value);
}

/// One object, or lists and dictionaries of them as models of several outputs have.
void check_nested(TrainingObject kind, const Value& value, const std::string& where, Problems& problems) {
    if (const Value::Array* items = value.array()) {
        for (const Value& item : *items) check_nested(kind, item, where, problems);
    } else if (value.object() != nullptr && !is_envelope(value)) {
        for (const auto& [key, item] : *value.object()) check_nested(kind, item, where, problems);
    } else {
        problems.attempt([&] { in_context(where, [&] { check_training_object(kind, value); }); });
    }
}

}  // namespace

std::string_view training_class(TrainingObject kind, std::string_view name) {
    const auto same = [&](char a, char b) { return kind == optimizer ? lower_case(a) == lower_case(b) : a == b; };
    for (const Class& row : classes)
        if (row.kind == kind && std::ranges::equal(row.name, name, same)) return row.name;
    return {};
}

void check_training_object(TrainingObject kind, const Value& value) {
    if (value.is_null() || value.string() != nullptr) return;
    const Value* class_name = value.find("class_name");
    if (class_name == nullptr) class_name = value.find("name");  // Keras 1
    if (class_name == nullptr || class_name->string() == nullptr)
        fail(Code::config, "wanted ", kind_of(kind).name, ", found ", excerpt(value));
    check_envelope(kind, value, *class_name->string());
}

void check_training_objects(const Value& layer_config, Problems& problems) {
    if (const Value::Array* items = layer_config.array())
        for (const Value& item : *items) check_training_objects(item, problems);
    if (layer_config.object() == nullptr) return;
    for (const auto& [key, value] : *layer_config.object()) {
        const bool regularizes = key.ends_with("_regularizer");
        if (!regularizes && !key.ends_with("_constraint")) check_training_objects(value, problems);
        else
            problems.attempt([&, &value = value] {
                in_context("config key '" + key + "'",
                           [&] { check_training_object(regularizes ? regularizer : constraint, value); });
            });
    }
}

void check_training_config(const Value& config, Problems& problems) {
    constexpr std::pair<std::string_view, TrainingObject> parts[] = {
        {"optimizer_config", optimizer}, {"optimizer", optimizer}, {"loss", loss}, {"metrics", metric},
        {"weighted_metrics", metric},
    };
    for (const auto& [key, kind] : parts)
        if (const Value* value = config.find(key)) check_nested(kind, *value, std::string(key), problems);
}

}  // namespace layerctl
