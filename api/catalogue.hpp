// Catalogue: what layerctl knows to run, told by the registry, the ops table and each layer's own list of fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/config_lister.hpp"

namespace layerctl {

/// A layer class as its file describes it.
struct LayerEntry {
    std::string name;
    std::vector<std::string> inputs;  // names of the tensor arguments; empty: a tensor or a list of them
    std::vector<ConfigKey> keys;
    std::vector<ConfigKey> call_keys;  // arguments of a call that are no tensors
};

/// Every layer class, other spellings included, sorted.
std::vector<std::string> layer_classes();

/// What the class takes in a file of that dialect. Code::unsupported, with the nearest names, if it is not known.
LayerEntry layer_entry(std::string_view class_name, Dialect dialect);

/// An operation of the ops table and its arguments.
struct OperationEntry {
    std::string name;       // "Matmul", "tf.linalg.matmul"
    std::string arguments;  // as a Python signature: "x, axis=null"
};

/// Those of Keras 3, then those of TensorFlow, each sorted.
std::vector<OperationEntry> operation_entries();

}  // namespace layerctl
