// "did you mean": the nearest known names to a mistyped or unknown one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layerctl {

/// " (did you mean 'Conv2D'?)", or "" if nothing known is near. Distance: edits, ignoring case.
std::string did_you_mean(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace layerctl
