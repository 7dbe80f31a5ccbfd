// A plug-in as a library on disk: opened, asked for its table, and unloaded when nobody needs it any more.
#pragma once

#include <filesystem>
#include <memory>

#include "api/plugin.h"

namespace layerctl::plugins {

/// The table of the library at that path; the library stays loaded as long as a copy of the pointer lives. Not there:
/// Code::io; no plug-in: Code::format. What the table holds is not checked.
std::shared_ptr<const layerctl_plugin> load_library(const std::filesystem::path& path);

}  // namespace layerctl::plugins
