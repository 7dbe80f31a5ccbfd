// Everything the user says about custom classes and functions: the custom-objects file and the plug-ins, as one.
#pragma once

#include <memory>

#include "api/layerctl.hpp"
#include "models/custom_objects.hpp"

namespace layerctl {

/// Null if the options name nothing. A name that two of them define is Code::config.
std::shared_ptr<const CustomObjects> read_custom_objects(const LoadOptions& options);

}  // namespace layerctl
