#include "formats/tfjs/layers.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/error.hpp"
#include "models/object_names.hpp"

namespace layerctl::formats {
namespace {

std::string counted_cell(std::string_view declared, const Value& config);

/// "forward_layer/cell/kernel" of a Bidirectional -> "forward_lstm/kernel": cells and wrapped layers have no names of
/// their own in the names of weights, the directions of a Bidirectional have, and cells in a list are counted.
std::string inner_name(std::string_view declared, const Value& config) {
    const std::string_view part = declared.substr(0, declared.find('/'));
    if (part == declared) return std::string(declared);
    const std::string_view rest = declared.substr(part.size() + 1);
    if (part == "cells") return counted_cell(rest, config);
    const Value* wrapped = config.find(part == "cell" ? "cell" : "layer");
    const Value* inner = wrapped == nullptr ? nullptr : wrapped->find("config");
    const std::string below = inner_name(rest, inner == nullptr ? Value() : *inner);
    if (part == "cell" || part == "layer") return below;
    if (part == "forward_layer" || part == "backward_layer")
        return cat(part.substr(0, part.find('_') + 1), inner == nullptr ? "" : inner->string_at("name"), "/", below);
    return cat(part, "/", below);
}

/// "lstm_cell_1/kernel" in a list of cells -> "RNNCell_1/kernel".
std::string counted_cell(std::string_view declared, const Value& config) {
    const std::string_view name = declared.substr(0, declared.find('/'));
    const Value* cells = config.find("cells");
    const bool listed = cells != nullptr && cells->array() != nullptr;
    const std::optional<std::size_t> place = listed ? place_of(name, *cells->array()) : std::nullopt;
    if (!place) fail(Code::unsupported, "TensorFlow.js has no name for the weights of cell '", name, "'");
    const Value& inner = *(*cells->array())[*place].find("config");
    return cat("RNNCell_", *place, "/", inner_name(declared.substr(name.size() + 1), inner));
}

class Names {
public:
    explicit Names(const std::vector<StoredWeight>& weights) : weights_(weights) {}

    /// In the order of export_weights: each nested model is followed by its layers.
    void model(const ModelSpec& model, const std::string& path) {
        for (const LayerSpec& layer : model.layers) {
            const std::string own = path + layer.name + "/";
            if (layer.model != nullptr) {
                this->model(*layer.model, own);
                continue;
            }
            while (names_.size() < weights_.size() && weights_[names_.size()].name.starts_with(own))
                names_.push_back(
                    cat(layer.name, "/",
                        inner_name(weights_[names_.size()].name.substr(own.size()), layer.config.value())));
        }
    }

    std::vector<std::string> finish() {
        if (names_.size() != weights_.size())
            fail(Code::internal, "'", weights_[names_.size()].name, "' is of no layer");
        return std::move(names_);
    }

private:
    const std::vector<StoredWeight>& weights_;
    std::vector<std::string> names_;
};

/// Classes that TensorFlow.js has and that compute there what they do in Keras, within the rules below. Each was run on
/// the models of the corpus (scripts/interop-tfjs).
constexpr std::array classes = {"Activation",
                                "Add",
                                "AlphaDropout",
                                "Average",
                                "AveragePooling1D",
                                "AveragePooling2D",
                                "AveragePooling3D",
                                "BatchNormalization",
                                "Bidirectional",
                                "Concatenate",
                                "Conv1D",
                                "Conv2D",
                                "Conv2DTranspose",
                                "Conv3D",
                                "Conv3DTranspose",
                                "ConvLSTM2D",
                                "Cropping2D",
                                "Dense",
                                "DepthwiseConv2D",
                                "Dot",
                                "Dropout",
                                "ELU",
                                "Embedding",
                                "Flatten",
                                "GRU",
                                "GRUCell",
                                "GaussianDropout",
                                "GaussianNoise",
                                "GlobalAveragePooling1D",
                                "GlobalAveragePooling2D",
                                "GlobalMaxPooling1D",
                                "GlobalMaxPooling2D",
                                "InputLayer",
                                "LSTM",
                                "LSTMCell",
                                "LayerNormalization",
                                "LeakyReLU",
                                "Masking",
                                "MaxPooling1D",
                                "MaxPooling2D",
                                "MaxPooling3D",
                                "Maximum",
                                "Minimum",
                                "Multiply",
                                "PReLU",
                                "Permute",
                                "RNN",
                                "ReLU",
                                "RepeatVector",
                                "Rescaling",
                                "Reshape",
                                "SeparableConv2D",
                                "SimpleRNN",
                                "SimpleRNNCell",
                                "Softmax",
                                "SpatialDropout1D",
                                "StackedRNNCells",
                                "ThresholdedReLU",
                                "TimeDistributed",
                                "UpSampling2D",
                                "ZeroPadding2D"};

/// A key and the values that mean the same there, as JSON. A key that is absent is none of them.
struct Rule {
    std::string_view class_name;  // empty: any
    std::string_view key;
    std::array<std::string_view, 2> allowed;
};
constexpr std::string_view last = "\"channels_last\"", valid = "\"valid\"", same = "\"same\"";
constexpr std::array rules = {
    Rule{"", "dtype", {"\"float32\"", "null"}},
    Rule{"", "stateful", {"false"}},
    Rule{"", "time_major", {"false"}},
    Rule{"", "zero_output_for_mask", {"false"}},
    Rule{"", "keepdims", {"false"}},
    Rule{"", "groups", {"1"}},
    Rule{"", "backward_layer", {"null"}},
    Rule{"", "interpolation", {"\"nearest\""}},
    Rule{"", "reset_after", {"false"}},
    Rule{"", "renorm", {"false"}},
    Rule{"", "activity_regularizer", {"null"}},
    Rule{"SeparableConv2D", "data_format", {last}},
    Rule{"RNN", "return_state", {"false"}},
    Rule{"Conv1D", "data_format", {last}},
    Rule{"Conv1D", "padding", {valid, same}},
    Rule{"AveragePooling1D", "data_format", {last}},
    Rule{"MaxPooling1D", "data_format", {last}},
    Rule{"GlobalAveragePooling1D", "data_format", {last}},
    Rule{"GlobalMaxPooling1D", "data_format", {last}},
    Rule{"Conv2DTranspose", "dilation_rate", {"[1, 1]", "1"}},
    Rule{"Conv2DTranspose", "output_padding", {"null"}},
    Rule{"Conv3DTranspose", "dilation_rate", {"[1, 1, 1]", "1"}},
    Rule{"Conv3DTranspose", "output_padding", {"null"}},
    Rule{"Conv3DTranspose", "padding", {valid}},
    Rule{"DepthwiseConv2D", "dilation_rate", {"[1, 1]", "1"}},
    Rule{"MaxPooling3D", "padding", {valid}},
    Rule{"AveragePooling3D", "padding", {valid}},
    Rule{"ReLU", "negative_slope", {"0", "0.0"}},
    Rule{"ReLU", "threshold", {"0", "0.0"}},
    Rule{"ELU", "alpha", {"1", "1.0"}},
    Rule{"Softmax", "axis", {"-1"}},
};

constexpr std::array activations = {"elu",      "selu",     "relu", "relu6",   "linear", "sigmoid", "hard_sigmoid",
                                    "softplus", "softsign", "tanh", "softmax", "swish",  "gelu",    "mish"};

/// Where a mask goes through these alone, it goes as in Keras.
constexpr std::array masked = {"InputLayer", "Embedding", "Masking", "LSTM",      "GRU",
                               "SimpleRNN",  "Dense",     "Dropout", "Activation"};

template <std::size_t N>
bool is_one_of(const std::array<const char*, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

[[noreturn]] void fail_value(std::string_view key, const Value& found) {
    fail(Code::unsupported, "'", key, "': TensorFlow.js 4.22 does not compute this as Keras does: ", excerpt(found));
}

void check_member(std::string_view class_name, const std::string& key, const Value& value) {
    for (const Rule& rule : rules)
        if (rule.key == key && (rule.class_name.empty() || rule.class_name == class_name) &&
            std::find(rule.allowed.begin(), rule.allowed.end(), to_json(value)) == rule.allowed.end())
            fail_value(key, value);
    if (key.ends_with("_constraint") && !value.is_null()) fail_value(key, value);  // it is applied to weights it reads
    const bool activation = key == "activation" || key == "recurrent_activation";
    if (activation && (value.string() == nullptr || !is_one_of(activations, *value.string()))) fail_value(key, value);
}

void check_config(std::string_view class_name, const Value& config);

/// A layer or cell in a config.
void check_inner(std::string_view outer, const Value& object) {
    const Value* class_name = object.find("class_name");
    const Value* config = object.find("config");
    if (class_name == nullptr || class_name->string() == nullptr || config == nullptr) return;
    const bool recurrent =
        *class_name == Value("LSTM") || *class_name == Value("GRU") || *class_name == Value("SimpleRNN");
    if (outer == "Bidirectional" && !recurrent)
        fail(Code::unsupported, "TensorFlow.js wraps LSTM, GRU and SimpleRNN, found ", *class_name->string());
    in_context(cat("wrapped ", *class_name->string()), [&] { check_config(*class_name->string(), *config); });
}

void check_config(std::string_view class_name, const Value& config) {
    if (!is_one_of(classes, class_name))
        fail(Code::unsupported, "TensorFlow.js has no ", class_name, " that computes this");
    if (config.object() == nullptr || class_name == "InputLayer") return;
    for (const auto& [key, value] : *config.object()) check_member(class_name, key, value);
    for (const char* key : {"layer", "cell"})
        if (const Value* inner = config.find(key)) check_inner(class_name, *inner);
    if (const Value* cells = config.find("cells"); cells != nullptr && cells->array() != nullptr)
        for (const Value& cell : *cells->array()) check_inner(class_name, cell);
}

bool makes_masks(const ModelSpec& model) {
    return std::any_of(model.layers.begin(), model.layers.end(), [](const LayerSpec& layer) {
        const Value* mask_zero = layer.config.find("mask_zero");
        const Value* wrapped = layer.config.find("layer");
        return layer.class_name == "Masking" || (mask_zero != nullptr && *mask_zero == Value(true)) ||
               (wrapped != nullptr && to_json(*wrapped).find("\"mask_zero\": true") != std::string::npos) ||
               (layer.model != nullptr && makes_masks(*layer.model));
    });
}

void check_mask(const LayerSpec& layer) {
    if (!is_one_of(masked, layer.class_name))
        fail(Code::unsupported, "TensorFlow.js does not treat masks as Keras does there");
    for (const Call& call : layer.calls)
        if (call.tensors().size() > 1)
            fail(Code::unsupported, "TensorFlow.js does not take a mask and states together");
}

void check_calls(const LayerSpec& layer) {
    for (const Call& call : layer.calls)
        if (!call.kwargs.empty())
            fail(Code::unsupported, "TensorFlow.js does not take '", call.kwargs.front().first, "'");
    const bool only_one = layer.class_name == "Softmax" || layer.class_name == "ConvLSTM2D";
    for (const Call& call : layer.calls)
        if (only_one && call.tensors().size() > 1) fail(Code::unsupported, "TensorFlow.js takes one tensor there");
}

/// Keras turns integers into floats where a layer computes, TensorFlow.js does not.
void check_input(const ModelSpec& model, std::size_t input) {
    const Value* ragged = model.layers[input].config.find("ragged");
    if (ragged != nullptr && *ragged == Value(true)) fail_value("ragged", *ragged);
    const Value* dtype = model.layers[input].config.find("dtype");
    if (dtype == nullptr || *dtype == Value("float32")) return;
    if (*dtype != Value("int32")) fail_value("dtype", *dtype);
    for (const LayerSpec& layer : model.layers)
        for (const Call& call : layer.calls)
            for (const TensorRef& tensor : call.tensors())
                if (tensor.layer == input && layer.class_name != "Embedding") fail_value("dtype", *dtype);
}

/// Ranks that TensorFlow.js takes, where Keras takes more.
struct Ranks {
    std::string_view class_name;
    std::size_t least, most;
};
constexpr std::array<Ranks, 6> ranks = {{{"Conv1D", 3, 3},
                                         {"Conv2D", 4, 4},
                                         {"Conv3D", 5, 5},
                                         {"Dot", 2, 3},
                                         {"Flatten", 3, 8},
                                         {"BatchNormalization", 2, 4}}};

void check_rank(const LayerSpec& layer, const InputShapes& inputs) {
    const auto shape = inputs.find(&layer);
    for (const Ranks& known : ranks) {
        if (known.class_name != layer.class_name) continue;
        if (shape == inputs.end()) fail(Code::unsupported, "its input has no known rank");
        const std::size_t rank = shape->second.rank();
        if (rank < known.least || rank > known.most)
            fail(Code::unsupported, "TensorFlow.js does not take an input of shape ", shape->second);
    }
    if (layer.class_name == "Flatten" && !shape->second.slice(1, shape->second.rank()).is_known())
        fail(Code::unsupported, "TensorFlow.js does not take an input of shape ", shape->second);
}

void check_axis(const LayerSpec& layer, const InputShapes& inputs) {
    const Value* axis = layer.config.find("axis");
    if (axis == nullptr) return;
    if (layer.class_name == "Concatenate" && axis->integer() != nullptr && *axis->integer() < -1)
        fail_value("axis", *axis);
    if (layer.class_name != "BatchNormalization") return;
    if (axis->array() != nullptr && axis->array()->size() == 1) axis = &axis->array()->front();
    const auto last_axis = static_cast<std::int64_t>(inputs.at(&layer).rank()) - 1;
    if (*axis != Value(-1) && *axis != Value(last_axis)) fail_value("axis", *axis);
}

void check_layer(const ModelSpec& model, std::size_t index, const InputShapes& inputs, bool masks) {
    const LayerSpec& layer = model.layers[index];
    if (layer.name.find('/') != std::string::npos) fail(Code::unsupported, "TensorFlow.js parts names at '/'");
    check_config(layer.class_name, layer.config.value());
    check_calls(layer);
    check_rank(layer, inputs);
    check_axis(layer, inputs);
    if (layer.class_name == "InputLayer") check_input(model, index);
    if (masks) check_mask(layer);
}

/// One tensor, or a list of different ones.
void check_ports(const Argument& ports) {
    const auto is_tensor = [](const Argument& item) { return item.kind == Argument::Kind::tensor; };
    if (is_tensor(ports)) return;
    const std::vector<TensorRef> tensors = ports.tensors();
    bool plain = ports.kind == Argument::Kind::list && std::all_of(ports.items.begin(), ports.items.end(), is_tensor);
    for (std::size_t i = 0; i < tensors.size(); ++i)
        plain = plain && std::find(tensors.begin(), tensors.begin() + static_cast<std::ptrdiff_t>(i), tensors[i]) ==
                             tensors.begin() + static_cast<std::ptrdiff_t>(i);
    if (!plain) fail(Code::unsupported, "TensorFlow.js has inputs and outputs in one list, each once");
}

void check_model(const ModelSpec& model, const InputShapes& inputs, bool masks, Problems& problems) {
    problems.attempt([&] {
        check_ports(model.inputs);
        check_ports(model.outputs);
    });
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const LayerSpec& layer = model.layers[i];
        if (layer.model != nullptr) check_model(*layer.model, inputs, masks, problems);
        else problems.attempt([&] { in_context(layer_frame(layer), [&] { check_layer(model, i, inputs, masks); }); });
    }
}

struct Renamed {
    std::string_view from, to;
};
constexpr std::array<Renamed, 2> initializers = {{{"LecunNormal", "LeCunNormal"}, {"LecunUniform", "LeCunUniform"}}};

void translate_object(Value& object) {
    Value* class_name = object.find("class_name");
    Value* config = object.find("config");
    if (class_name == nullptr || class_name->string() == nullptr || config == nullptr) return;
    const std::string name = *class_name->string();
    for (const Renamed& renamed : initializers)
        if (name == renamed.from) *class_name = Value(std::string(renamed.to));
    for (const char* norm : {"L1", "L2"})
        if (name == norm && config->object() != nullptr) {
            *class_name = Value("L1L2");
            config->set(name == "L1" ? "l2" : "l1", 0.0);
        }
    if (name == "SeparableConv2D" && config->object() != nullptr)
        std::erase_if(*config->object(), [](const auto& member) {
            return member.first == "kernel_initializer" || member.first == "kernel_regularizer" ||
                   member.first == "kernel_constraint";
        });
}

Value translated(Value value) {
    if (value.number() != nullptr && !std::isfinite(*value.number()))
        fail(Code::unsupported, "JavaScript's JSON has no ", to_json(value));
    if (Value::Array* items = value.array())
        for (Value& item : *items) item = translated(std::move(item));
    if (Value::Object* members = value.object())
        for (auto& member : *members) member.second = translated(std::move(member.second));
    translate_object(value);
    return value;
}

}  // namespace

void require_known_to_tfjs(const ModelSpec& model, const InputShapes& inputs) {
    if (model.dialect == Dialect::keras3)
        fail(Code::unsupported, "TensorFlow.js reads models of Keras 2, this one is of Keras 3 (--keras 2)");
    Problems problems;
    check_model(model, inputs, makes_masks(model), problems);
    problems.throw_if_any();
}

Value tfjs_config(const ModelSpec& model) { return translated(model.config.value()); }

std::vector<std::string> tfjs_names(const ModelSpec& model, const std::vector<StoredWeight>& weights) {
    Names names(weights);
    names.model(model, "");
    return names.finish();
}

}  // namespace layerctl::formats
