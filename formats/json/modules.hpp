// Configs of Keras 3 that came from h5 files, which leave out the modules of layers.
#pragma once

#include <vector>

#include "formats/json/edits.hpp"
#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Adds the module where Keras 3 would not find an operation, or of several axes take the first, for want of one.
/// Code::unsupported if it is not known.
std::vector<Edit> module_edits(const ModelSpec& model);

}  // namespace layerctl::formats
