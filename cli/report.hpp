// How errors leave the command line: "layerctl: …" lines, or one JSON object, on stderr.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/summary/text_cells.hpp"  // printable
#include "models/error.hpp"

namespace layerctl::cli {

/// Prints every problem of `error`, one per line, and returns its exit code.
int report(const Error& error, bool json);

/// "1,234,567".
std::string with_commas(std::uint64_t number);

/// Prints "layerctl: note: …" to stderr.
void note(std::string_view text);

}  // namespace layerctl::cli
