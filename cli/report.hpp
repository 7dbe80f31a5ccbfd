// How errors leave the command line: "layerctl: …" lines, or one JSON object, on stderr.
#pragma once

#include <string>
#include <string_view>

#include "models/error.hpp"

namespace layerctl::cli {

/// Text from a file, safe for a terminal: control characters become \xNN.
std::string printable(std::string_view text);

/// Prints every problem of `error`, one per line, and returns its exit code.
int report(const Error& error, bool json);

/// Prints "layerctl: note: …" to stderr.
void note(std::string_view text);

}  // namespace layerctl::cli
