// Texts that are compared whatever their case.
#pragma once

#include <string>

namespace layerctl {

char lower_case(char c);

/// ASCII letters in lower case; all else stays.
std::string lower_case(std::string text);

}  // namespace layerctl
