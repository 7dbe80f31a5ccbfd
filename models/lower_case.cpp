#include "models/lower_case.hpp"

#include <cctype>

namespace layerctl {

char lower_case(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::string lower_case(std::string text) {
    for (char& c : text) c = lower_case(c);
    return text;
}

}  // namespace layerctl
