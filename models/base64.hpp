// Base64, as Python and protobuf write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace layerctl {

/// The bytes; line breaks are skipped, padding may be missing. Nothing for any other character.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace layerctl
