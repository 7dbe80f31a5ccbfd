// What the parts of the translation share. Internal to models/dialects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/dialects/dialects.hpp"
#include "models/error.hpp"

namespace layerctl::dialects {

/// What a translation is about, and what it notes on its way.
struct Task {
    Dialect source, target;
    const FactsOf& facts;
    std::vector<std::string>& notes;

    /// Between Keras 3 and its predecessors; configs of Keras 1 are read in the terms of Keras 2.
    bool crosses() const { return (source == Dialect::keras3) != (target == Dialect::keras3); }

    bool to_keras3() const { return target == Dialect::keras3; }
    std::string keras() const { return to_keras3() ? "Keras 3" : "Keras 2"; }
};

/// What is known of every tensor that a layer is called with.
std::vector<TensorFacts> input_facts(const ModelSpec& model, const LayerSpec& layer, const Task& task);

/// A layer's class and config in the terms of the target.
struct Translated {
    std::string class_name;
    std::string registered_name;  // of custom classes
    std::string module;           // "keras.layers"; empty for custom classes
    Value config;
};

/// As `serialize_keras_object` writes it; an empty module or registered name is null (layers.cpp).
Value serialized(const Translated& layer);

/// Classes (classes.cpp). One that only the other Keras has is Code::unsupported; unknown ones are the author's own.
enum class ClassOrigin { keras, custom };
ClassOrigin require_class(const std::string& class_name, const Task& task);

/// A layer that is no model and no operation (layers.cpp).
Translated translated_layer(const std::string& class_name, const std::string& registered_name, const Value& config,
                            const Task& task);

/// Renames, leaves out and completes the keys of a config (keys.cpp).
void translate_keys(const std::string& class_name, Value& config, const Task& task);

/// A value below a config: policies, wrapped layers, initializers, activations … (values.cpp).
Value translated_value(const std::string& class_name, const std::string& key, const Value& value, const Task& task);

/// An operation of Keras 3 or of TensorFlow as that of the target (operations.cpp).
struct Operation {
    Translated layer;
    std::vector<Call> calls;
};
Operation translated_operation(const LayerSpec& layer, const ModelSpec& model, const Task& task);

/// Indices of a Functional's layers in the order in which Keras keeps those it reads (layer_order.cpp).
std::vector<std::size_t> layer_order(const ModelSpec& model);

/// `inbound_nodes` (calls.cpp). `layer` is called by `calls` in the manner of the source.
Value inbound_nodes(const ModelSpec& model, const LayerSpec& layer, const std::vector<Call>& calls, bool is_operation,
                    const Task& task);

/// `input_layers`, `output_layers`.
Value references(const ModelSpec& model, const Argument& argument, const Task& task);

/// Fails where a mask reaches a layer that the two versions let treat it differently (masks.cpp).
void require_same_masks(const ModelSpec& model);

/// Layers that are given states after their input, for is_one_of.
constexpr std::string_view recurrent_layers =
    "RNN LSTM GRU SimpleRNN ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional CuDNNGRU CuDNNLSTM";

/// Whether a class is one of those in a list of names separated by blanks; an empty list names all.
bool is_one_of(std::string_view name, std::string_view list);

}  // namespace layerctl::dialects
