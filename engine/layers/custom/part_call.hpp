// A call of a layer from an expression.
#pragma once

#include "engine/expressions/item.hpp"
#include "engine/layer.hpp"

namespace layerctl::custom {

/// Runs `layer`, or works out shapes and dtypes; the results carry the masks the layer makes. `w` is there when
/// running. `inputs` gets the shapes it was called with. Layers that keep state and options of a call are
/// Code::unsupported.
expressions::Item call_layer(const Layer& layer, const expressions::CallItems& items, expressions::Purpose purpose,
                             const Weights& w, Shapes& inputs);

}  // namespace layerctl::custom
