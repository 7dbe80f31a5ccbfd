// A dataset as a weight: described at once, its numbers read on demand.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/h5/file.hpp"
#include "models/weight_store.hpp"

namespace layerctl::formats::h5 {

/// "/a/b" of "/a" and "b".
std::string join(std::string_view group, std::string_view name);

/// The dataset `name` below `group`, where something says there is one; Code::weights if there is none. The weight
/// keeps the file open.
StoredWeight stored_weight(const std::shared_ptr<const File>& file, const std::string& group, const std::string& name);

}  // namespace layerctl::formats::h5
