// Models of Keras 2 in the terms of Keras 3, and the reverse. Facts are those of Keras 2.15 and 3.12.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace layerctl::dialects {

/// Whether a layer of a model is an operation between layers.
bool is_operation(const LayerSpec& layer, Dialect dialect);

/// Whether a layer of Keras 3 without its module, as h5 files hold it, is an operation: `trainable` is missing, which
/// every layer but a few has.
bool is_unnamed_operation(std::string_view class_name, const Value& config);

/// "keras.src.ops.numpy", of an operation of Keras 3; empty if there is none of that name.
std::string_view operation_module(std::string_view class_name);

/// Where Keras 2.15 and 3 keep a layer class of theirs: "keras.layers" but for parts of keras.applications.
std::string_view layer_module(std::string_view class_name);

/// What is known of a tensor between two layers: Keras 3 writes it beside every reference.
struct TensorFacts {
    Value shape;  // a list with null for open dimensions
    std::string dtype;
};

/// The facts of output `tensor` of call `node` of a layer of the model, however deep.
using FactsOf = std::function<TensorFacts(const LayerSpec& layer, std::size_t node, std::size_t tensor)>;

/// A call of a function between layers.
struct FunctionCall {
    struct Given {
        std::vector<std::string> names;  // whatever the parameter is called
        Argument value;
        bool is_default = false;
    };

    Dialect dialect = Dialect::keras2;         // keras3: of keras.ops, else of TensorFlow
    std::vector<std::string_view> tf, keras3;  // the function's names in TensorFlow, its classes in keras.ops
    std::vector<Given> arguments;
    std::string dtype;     // of its first tensor
    std::size_t rank = 0;  // of the same
};

/// The layer that records it: the operation for those of keras.ops in models of Keras 3, else TFOpLambda or
/// SlicingOpLambda. Code::unsupported for a function without a row in the table of operations.
LayerSpec recorded_call(const FunctionCall& call, const std::string& name, Dialect model);

/// The operation of Keras 3 that computes what a recorded call of TensorFlow does; `facts` are those of its tensors.
LayerSpec operation_of_keras3(const LayerSpec& recorded, const ModelSpec& model, const FactsOf& facts);

struct Translation {
    Value envelope;                  // {"class_name", "config"} of the model
    std::vector<std::string> notes;  // what differs where no ordinary number does
};

/// The model as Keras `target`, 2 or 3, would write it; it computes the same. What that Keras cannot say is
/// Code::unsupported, each such layer named together with the key and its value.
Translation translated(const ModelSpec& model, Dialect target, const FactsOf& facts);

}  // namespace layerctl::dialects
