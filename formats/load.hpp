// The front door of the formats: a file, or its bytes, becomes a ModelSpec.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Reads a model file of any supported variant (formats/detect.hpp). The weights' names, dtypes and shapes are read,
/// their numbers only when asked for. Not a Keras file: Code::format, saying what it looks like instead.
/// A weights-only file needs its config from elsewhere: Code::format says so. The caller knows the path and frames
/// errors.
std::shared_ptr<ModelSpec> load_model(const std::filesystem::path& path);

/// The same from memory; the bytes are copied as far as they are needed later.
std::shared_ptr<ModelSpec> load_model(std::span<const std::byte> bytes);

/// An architecture: `to_json()`, or a bare model envelope.
std::shared_ptr<ModelSpec> parse_model_json(std::string_view json);

/// Gives a model the weights of another file instead of its own: of an h5 or a .keras, whole-model or weights-only, of
/// shards listed by a .weights.json, or the named arrays of an .npz or .safetensors. Errors are framed by the path.
void load_weights(const std::filesystem::path& path, ModelSpec& model);

}  // namespace layerctl::formats
