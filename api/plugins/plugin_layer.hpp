// Layers and cells that a plug-in brings.
#pragma once

#include <memory>

#include "api/plugins/definitions.hpp"
#include "engine/layer.hpp"

namespace layerctl::plugins {

std::unique_ptr<Layer> make_plugin_layer(std::shared_ptr<const ClassDefinition> definition);
std::unique_ptr<Layer> make_plugin_cell(std::shared_ptr<const ClassDefinition> definition);

}  // namespace layerctl::plugins
