#include "models/snake_case.hpp"

#include <cctype>

namespace layerctl {

std::string snake_case(const std::string& class_name) {
    const auto upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    const auto lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
    std::string out;
    for (std::size_t i = 0; i < class_name.size(); ++i) {
        const char c = class_name[i];
        const bool starts_word =
            i > 0 && upper(c) && (lower(class_name[i - 1]) || (i + 1 < class_name.size() && lower(class_name[i + 1])));
        if (starts_word) out += '_';
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

}  // namespace layerctl
