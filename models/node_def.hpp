// NodeDef: one operation of a TensorFlow graph, as tf.keras 2.0 to 2.3 keeps it in the config of a TensorFlowOpLayer.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value.hpp"

namespace layerctl {

struct NodeDef {
    std::string op;  // "Mul"
    std::size_t inputs = 0;

    /// Attributes as plain values: numbers, booleans, strings, dtypes by name ("float32"), lists of those. What is none
    /// of them (a shape, a tensor, a function) is null.
    std::vector<std::pair<std::string, Value>> attributes;
};

/// From protobuf's JSON form, an object with "op", "input" and "attr", or from a string that holds its binary form.
/// Anything else is Code::format.
NodeDef parse_node_def(const Value& node_def);

}  // namespace layerctl
