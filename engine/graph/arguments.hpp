// How the arguments of a recorded call become the input edges of a node.
#pragma once

#include <functional>
#include <vector>

#include "engine/graph/graph.hpp"

namespace layerctl {

using EdgeOf = std::function<EdgeId(const TensorRef&)>;

struct NodeInputs {
    std::vector<EdgeId> tensors;
    std::vector<EdgeId> masks;  // of an explicit `mask`, parallel to tensors; or empty
    bool masks_pass_by = false;  // see Node
};

/// Puts the tensors of a call into the places `layer.call_arguments()` names, or in order where it names none. A call
/// with one dictionary gives those by its keys.
/// A constant where a tensor is wanted is Code::unsupported.
NodeInputs node_inputs(const Layer& layer, const Call& call, const EdgeOf& edge_of);

/// The constant keyword arguments that are the layer's own business: all but `mask`, `training: false` and nulls.
/// `training: true` is Code::unsupported, save in Keras 3, where predict overrides it.
Value call_options(const Call& call, Dialect dialect);

/// The edges given to a nested model, in the order of its inputs; dicts are matched by key.
std::vector<EdgeId> nested_inputs(const ModelSpec& model, const Call& call, Dialect dialect, const EdgeOf& edge_of);

}  // namespace layerctl
