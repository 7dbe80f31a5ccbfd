// How activations stand in configs: the table of names, function envelopes and activation layers.
#include <algorithm>
#include <iterator>

#include "engine/ops/activation.hpp"
#include "models/error.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

using Id = Activation::Id;

struct Row {
    std::string_view name;
    Id id;
    double alpha = 0;  // the default parameter
};

// The first row of an id is the name written. `hard_sigmoid` is that of Keras 3; see `activation_named`.
constexpr Row rows[] = {
    {"linear", Id::linear},
    {"relu", Id::relu},
    {"relu6", Id::relu6},
    {"leaky_relu", Id::leaky_relu, 0.2},
    {"sigmoid", Id::sigmoid},
    {"tanh", Id::tanh},
    {"exponential", Id::exponential},
    {"hard_sigmoid", Id::hard_sigmoid},
    {"softmax", Id::softmax},
    {"log_softmax", Id::log_softmax},
    {"softplus", Id::softplus},
    {"softsign", Id::softsign},
    {"elu", Id::elu, 1},
    {"selu", Id::selu},
    {"silu", Id::silu},
    {"swish", Id::silu},
    {"gelu", Id::gelu},
    {"mish", Id::mish},
    {"hard_silu", Id::hard_silu},
    {"hard_swish", Id::hard_silu},
    {"hard_tanh", Id::hard_tanh},
    {"celu", Id::celu, 1},
    {"glu", Id::glu},
    {"hard_shrink", Id::hard_shrink, 0.5},
    {"soft_shrink", Id::soft_shrink, 0.5},
    {"tanh_shrink", Id::tanh_shrink},
    {"squareplus", Id::squareplus},
    {"sparse_plus", Id::sparse_plus},
    {"sparse_sigmoid", Id::sparse_sigmoid},
    {"log_sigmoid", Id::log_sigmoid},
    {"sparsemax", Id::sparsemax},
};

void relu_fields(ConfigIo& io, Activation& activation) {
    std::optional<double> max_value;
    if (activation.has_max) max_value = activation.max_value;
    io.optional("max_value", max_value,
                [](const std::optional<double>& v) { return v && *v < 0 ? "zero or more" : nullptr; });
    activation.has_max = max_value.has_value();
    activation.max_value = max_value.value_or(0);
    io.optional("negative_slope", activation.alpha, not_negative);
    io.optional("threshold", activation.threshold, not_negative);
}

void leaky_relu_fields(ConfigIo& io, Activation& activation) {
    io.optional({"negative_slope", "alpha"}, activation.alpha);
}
void elu_fields(ConfigIo& io, Activation& activation) { io.optional("alpha", activation.alpha); }
void softmax_fields(ConfigIo& io, Activation& activation) { io.optional("axis", activation.axes); }
void theta_fields(ConfigIo& io, Activation& activation) { io.optional("theta", activation.alpha, not_negative); }

struct LayerRow {
    std::string_view class_name;
    Id id;
    double alpha;
    void (*fields)(ConfigIo&, Activation&);
};

constexpr LayerRow layer_rows[] = {
    {"ReLU", Id::relu, 0, relu_fields},
    {"LeakyReLU", Id::leaky_relu, 0.3, leaky_relu_fields},
    {"ELU", Id::elu, 1, elu_fields},
    {"Softmax", Id::softmax, 0, softmax_fields},
    {"ThresholdedReLU", Id::thresholded_relu, 1, theta_fields},
};

const LayerRow* find_layer_row(const std::string& class_name) {
    const auto* row = std::find_if(std::begin(layer_rows), std::end(layer_rows),
                                   [&](const LayerRow& r) { return r.class_name == class_name; });
    return row == std::end(layer_rows) ? nullptr : row;
}

Activation read_activation_layer(const LayerRow& row, const Config& config, const ConfigScope& scope) {
    Activation activation{.id = row.id, .alpha = row.alpha};
    ConfigReader reader(config, scope);
    row.fields(reader, activation);
    reader.finish();
    in_context(cat("layer ", row.class_name), [&] { reader.problems().throw_if_any(); });
    return activation;
}

/// A serialized object: a function envelope, or a layer that is an activation.
Activation read_envelope(const std::string& class_name, const Value& value, const ConfigScope& scope) {
    const Value* config = value.find("config");
    if (config != nullptr && config->string() != nullptr) return activation_named(*config->string(), scope);
    if (const LayerRow* row = find_layer_row(class_name))
        return read_activation_layer(*row, Config(config == nullptr ? Value(Value::Object{}) : *config), scope);
    if (class_name == "PReLU")
        fail(Code::unsupported, "PReLU as the activation of another layer has weights of its own");
    return activation_named(class_name, scope);
}

}  // namespace

Activation activation_named(const std::string& name, const ConfigScope& scope) {
    if (scope.custom != nullptr)
        if (auto function = scope.custom->function(name, {}, scope.dialect))
            return {.id = Id::custom, .function = std::move(function)};
    for (const Row& row : rows) {
        if (row.name != name) continue;
        const bool old_meaning = row.id == Id::hard_sigmoid && scope.dialect != Dialect::keras3;
        return {.id = old_meaning ? Id::hard_sigmoid_v2 : row.id, .alpha = row.alpha};
    }
    std::vector<std::string> known;
    for (const Row& row : rows) known.emplace_back(row.name);
    if (scope.custom != nullptr)
        for (std::string& defined : scope.custom->function_names()) known.push_back(std::move(defined));
    fail(Code::unsupported, "unknown activation '", name, "'", did_you_mean(name, known));
}

void activation_layer_config(const std::string& class_name, ConfigIo& io, Activation& activation) {
    const LayerRow* row = find_layer_row(class_name);
    if (row == nullptr) fail(Code::internal, "'", class_name, "' is no activation layer");
    if (activation.id == Id::linear) activation.id = row->id, activation.alpha = row->alpha;
    row->fields(io, activation);
}

bool ConfigField<Activation>::read(const Value& value, Activation& out, const ConfigScope& scope) {
    const Value* class_name = value.find("class_name");
    if (value.is_null()) out = {};
    else if (value.string() != nullptr) out = activation_named(*value.string(), scope);
    else if (class_name != nullptr && class_name->string() != nullptr)
        out = read_envelope(*class_name->string(), value, scope);
    else return false;
    out.source = value;
    return true;
}

Value ConfigField<Activation>::write(const Activation& activation) {
    if (activation.source) return *activation.source;
    const Id id = activation.id == Id::hard_sigmoid_v2 ? Id::hard_sigmoid : activation.id;
    for (const Row& row : rows)
        if (row.id == id) return std::string(row.name);
    fail(Code::internal, "an activation without a name");
}

}  // namespace layerctl
