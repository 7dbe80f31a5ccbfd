// JSON documents of the command line.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "models/error.hpp"

namespace layerctl::cli {

using Json = nlohmann::ordered_json;

/// Two-space indented; bytes that are no UTF-8 are replaced, NaN and infinities are null.
std::string dump(const Json& document);

/// [{"code", "context", "message"}, …], one per problem.
Json problems_json(const std::vector<Error>& problems);

}  // namespace layerctl::cli
