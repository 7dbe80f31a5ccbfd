// Changes to the text of a config, all else of which stays byte for byte.
#pragma once

#include <string>
#include <vector>

#include "models/config.hpp"

namespace layerctl::formats {

/// Another text for a slice of the source, or one more where the slice is empty.
struct Edit {
    SourceSpan at;
    std::string text;
};

std::string edited(const Config& config, std::vector<Edit> edits);

/// The same for a whole text.
std::string edited(std::string text, std::vector<Edit> edits);

}  // namespace layerctl::formats
