// Writing results so that a reader never sees half of one.
#pragma once

#include <filesystem>
#include <string_view>

namespace layerctl {

/// Writes a file whole or not at all: the bytes go to a temporary file beside it, which then takes its name.
/// A device or a pipe is written to directly. Failing is Code::io.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace layerctl
