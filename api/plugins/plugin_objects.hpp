// The definitions of a plug-in as custom objects.
#pragma once

#include <filesystem>
#include <memory>

#include "models/custom_objects.hpp"

namespace layerctl::plugins {

/// Loads a plug-in and checks all it brings. Problems carry the path.
std::shared_ptr<const CustomObjects> load_plugin(const std::filesystem::path& path);

}  // namespace layerctl::plugins
