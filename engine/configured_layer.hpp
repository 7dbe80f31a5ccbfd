// A layer as a file describes it: made by its class name, configured, ready to be asked for shapes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/layer.hpp"

namespace layerctl {

/// The class is looked up under the registered name ("package>Name", or empty), then under the class name: among the
/// custom objects of the context first. A class nobody knows is Code::unsupported, naming the nearest.
/// All problems of the config are thrown together.
std::unique_ptr<Layer> configured_layer(const std::string& class_name, const std::string& registered_name,
                                        const Config& config, const LayerContext& context);

/// Code::unsupported naming the class and the nearest known names.
[[noreturn]] void fail_unknown_layer(std::string_view name, const CustomObjects* custom = nullptr);

/// Gives an existing layer its context and config.
void configure(Layer& layer, const Config& config, const LayerContext& context);

}  // namespace layerctl
