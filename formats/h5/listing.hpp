// What an HDF5 file holds, told without following anything out of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/h5/file.hpp"
#include "models/contents.hpp"

namespace layerctl::formats::h5 {

/// Adds every group, array and attribute below the root to `contents`, each path with `prefix` before it, and what is
/// wrong with them to its faults. An object with several names is listed once. Part::use stays as it is.
void list_objects(const std::shared_ptr<const File>& file, const std::string& prefix, Contents& contents);

}  // namespace layerctl::formats::h5
