// Configs of Keras 3 that came from h5 files, which leave out the modules of layers.
#pragma once

#include <string>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// The text of the model's config; where Keras 3 would not find an operation, or of several axes take the first, for
/// want of a module, it is added. Code::unsupported if it is not known.
std::string config_with_modules(const ModelSpec& model);

}  // namespace layerctl::formats
