// The custom-objects file of the user (docs/custom-objects.md), read into what configs and graphs look names up in.
#pragma once

#include <memory>
#include <string>

#include "models/config.hpp"
#include "models/custom_objects.hpp"

namespace layerctl {

/// `file` names the document in messages. Everything is read, parsed and bound at once; all problems are thrown
/// together, each with file, JSON pointer and, in expressions, column.
std::shared_ptr<const CustomObjects> parse_custom_objects(const Config& document, const std::string& file);

}  // namespace layerctl
