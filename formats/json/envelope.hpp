// The JSON around a model's config, as each kind of file wants it.
#pragma once

#include <string>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// The version that wrote the model; for one made without any, the version whose dialect it is in.
std::string version_of(const ModelSpec& model);

/// "tensorflow" unless the file they are from says otherwise.
std::string backend_of(const WeightStore& weights);

/// `model_config` of a legacy h5: class and config. The config's text is that of the source.
std::string legacy_envelope(const ModelSpec& model);

/// `to_json()` of Keras 2.
std::string json_envelope(const ModelSpec& model);

/// `config.json` of an archive, and `to_json()` of Keras 3: the class is named together with its module.
std::string archive_envelope(const ModelSpec& model, const std::string& compile_config);

}  // namespace layerctl::formats
