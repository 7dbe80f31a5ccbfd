// Models as JSON: to_json() of Keras 2 and 3, and the same inside a model_config member.
#pragma once

#include <memory>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Code::unsupported or Code::format, with the name of what it is, for JSON that holds something else.
std::shared_ptr<ModelSpec> load_json_model(const Config& document);

/// The same as part of another file; what `known` does not say is taken from the document.
std::shared_ptr<ModelSpec> load_json_model(const Config& document, Metadata known);

}  // namespace layerctl::formats
