// JSON documents of the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "models/error.hpp"

namespace layerctl::cli {

using Json = nlohmann::ordered_json;

/// Two-space indented; bytes that are no UTF-8 are replaced, NaN and infinities are null.
std::string dump(const Json& document);

/// The same in one line.
std::string dump_line(const Json& document);

Json or_null(const std::optional<std::int64_t>& number);
Json or_null(const std::optional<double>& number);

/// [{"code", "context", "message"}, …], one per problem.
Json problems_json(const std::vector<Error>& problems);

}  // namespace layerctl::cli
