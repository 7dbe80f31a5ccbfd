// A built model as an ONNX graph. Internal to api.
#pragma once

#include "engine/graph/graph.hpp"
#include "formats/onnx/onnx.hpp"

namespace layerctl::onnx {

/// The same numbers as Keras computes at inference. Weights must be bound. All layers, options and masks that have no
/// ONNX form are thrown together as Code::unsupported.
GraphProto to_onnx(const layerctl::Graph& graph);

}  // namespace layerctl::onnx
