// JSON text <-> Value, with the source slice of every part.
#pragma once

#include <string>
#include <string_view>

#include "models/config.hpp"

namespace layerctl::formats {

/// Parses one JSON document. Python's NaN, Infinity and -Infinity are numbers. Depth and size are limited
/// (models/limits.hpp); malformed text, invalid UTF-8 and trailing characters are Code::format with line and column.
Config parse_json(std::string text);

}  // namespace layerctl::formats
