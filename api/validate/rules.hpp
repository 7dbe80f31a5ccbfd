// The table of rules, by id and by fault. Internal to api.
#pragma once

#include <string_view>
#include <vector>

#include "api/validate.hpp"
#include "models/contents.hpp"

namespace layerctl {

/// Code::usage for an unknown id.
const Rule& rule(std::string_view id);

/// Nothing for faults that are no finding: damage, and what is not supported.
const Rule* rule_of(Fault::Kind kind);

/// What the config in a part of the file names: bytecode, modules, paths, wrapped models.
void check_config(const std::string& text, const std::string& place, std::vector<Finding>& findings);

}  // namespace layerctl
