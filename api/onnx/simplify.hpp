// Makes an ONNX graph shorter without changing what it computes. Internal to api.
#pragma once

#include "formats/onnx/onnx.hpp"

namespace layerctl::onnx {

/// Takes out identities, nodes and constants nobody reads, and pairs of transposes that undo each other: transposes
/// move behind elementwise nodes, paddings, concatenations and reductions until they meet their inverse.
void simplify(GraphProto& graph);

}  // namespace layerctl::onnx
