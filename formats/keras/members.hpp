// The members of a .keras archive.
#pragma once

namespace layerctl::formats {

inline constexpr const char* config_member = "config.json";
inline constexpr const char* metadata_member = "metadata.json";
inline constexpr const char* weights_member = "model.weights.h5";

}  // namespace layerctl::formats
