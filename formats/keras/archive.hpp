// .keras archives, and the folders they are unpacked into: metadata.json, config.json, model.weights.h5 and assets
// (formats.md 2).
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "models/model_spec.hpp"

namespace layerctl::formats {

/// Code::format if a part is missing or damaged; Code::refused for members outside the archive, links and sizes no
/// model has. A folder that an archive was re-packed with is looked through.
std::shared_ptr<ModelSpec> load_keras_archive(const std::filesystem::path& path);
std::shared_ptr<ModelSpec> load_keras_archive(std::span<const std::byte> bytes);

/// The weights of an archive or folder alone.
WeightStore load_keras_weights(const std::filesystem::path& path);

}  // namespace layerctl::formats
