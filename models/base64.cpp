#include "models/base64.hpp"

#include <cstdint>

namespace layerctl {

std::optional<std::string> from_base64(std::string_view text) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    bool over = false;
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue;
        over = over || c == '=';
        if (over && c == '=') continue;
        const std::size_t digit = alphabet.find(c);
        if (over || digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if ((count += 6) < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFF);
    }
    return bytes;
}

}  // namespace layerctl
