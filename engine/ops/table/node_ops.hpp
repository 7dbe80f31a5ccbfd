// Operations of TensorFlow graphs, as NodeDefs name them, in terms of the ops table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layerctl::ops {

/// One type of operation.
struct NodeOp {
    std::string_view type;        // "Mean"
    std::string_view entry;       // the function or class whose entry of the ops table computes it
    std::string_view inputs;      // parameters in the order of the inputs; "*" takes all but those named behind it
    std::string_view attributes;  // "keep_dims=keepdims axis": attribute and parameter; "~" cannot change the result
};

/// nullptr if there is none of that type.
const NodeOp* find_node_op(std::string_view type);

/// Every type, sorted.
std::vector<std::string> node_op_types();

}  // namespace layerctl::ops
