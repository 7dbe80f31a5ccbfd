// SavedModel folders of tf.keras: saved_model.pb, keras_metadata.pb, variables/ (formats.md 6).
#pragma once

#include <filesystem>
#include <memory>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// The architecture is what Keras wrote of it, the weights are found by walking the objects of the checkpoint. A
/// SavedModel that Keras wrote nothing about is Code::unsupported, with its signatures.
std::shared_ptr<ModelSpec> load_saved_model(const std::filesystem::path& folder);

}  // namespace layerctl::formats
