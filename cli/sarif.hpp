// Findings in SARIF 2.1.0 (OASIS), the form code scanners exchange.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/validate.hpp"
#include "cli/json.hpp"

namespace layerctl::cli {

struct ValidatedFile {
    std::string name;
    Validation validation;
};

/// "note", "warning", "error": SARIF's levels too.
std::string_view severity_name(Severity severity);

Json sarif(const std::vector<ValidatedFile>& files);

}  // namespace layerctl::cli
