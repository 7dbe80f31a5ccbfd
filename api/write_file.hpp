// Writing results so that a reader never sees half of one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/output_file.hpp"

namespace layerctl {

/// Writes a file whole or not at all: the bytes go to a temporary file beside it, which takes its name when they are on
/// the disk. A device or a pipe is written to directly. Failing is Code::io.
void write_file(const std::filesystem::path& path, const formats::FileWriter& write);

/// The same for what can be computed again: nobody waits for the disk.
void write_result(const std::filesystem::path& path, std::string_view bytes);

/// Makes a folder of these files, whole or not at all. One that is there must be empty: Code::io.
void write_folder(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace layerctl
