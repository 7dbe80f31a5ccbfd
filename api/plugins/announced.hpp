// What a plug-in announces of its layers – outputs, states, weights – collected and checked.
#pragma once

#include <functional>

#include "api/plugin.h"
#include "engine/layer.hpp"

namespace layerctl::plugins {

/// Runs a callback that announces outputs or states. `same` is the dtype LAYERCTL_SAME stands for.
OutputSpec announced(const char* name, DType same,
                     const std::function<int(const layerctl_specs*, layerctl_error*)>& callback);

/// Runs a callback that declares weights, in its order.
WeightSpecs declared(const std::function<int(const layerctl_weights*, layerctl_error*)>& callback);

}  // namespace layerctl::plugins
