// Layers and cells that a custom-objects file defines.
#pragma once

#include <memory>

#include "engine/layer.hpp"
#include "engine/layers/custom/definitions.hpp"

namespace layerctl::custom {

std::unique_ptr<Layer> make_custom_layer(std::shared_ptr<const LayerDefinition> definition);
std::unique_ptr<Layer> make_custom_cell(std::shared_ptr<const LayerDefinition> definition);

}  // namespace layerctl::custom
