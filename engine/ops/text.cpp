#include "engine/ops/text.hpp"

#include <algorithm>

namespace layerctl::ops {
namespace {

constexpr std::string_view punctuation = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";
constexpr std::string_view whitespace = " \t\n\v\f\r";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Well-formed UTF-8 by its first byte (Unicode, table 3-7): bytes after the second lie in 80..BF.
struct Lead {
    unsigned char first, last;      // range of the first byte
    unsigned char lowest, highest;  // range of the second
    std::size_t length;
};
constexpr Lead leads[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

unsigned char byte(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// How many bytes of the beginning of `text` (not empty) belong to one character, and whether they are all of it.
struct Sequence {
    std::size_t length = 1;
    bool whole = false;
};

Sequence first_sequence(std::string_view text) {
    for (const Lead& lead : leads) {
        if (byte(text, 0) < lead.first || byte(text, 0) > lead.last) continue;
        std::size_t length = 1;
        while (length < std::min(lead.length, text.size())) {
            const unsigned char lowest = length == 1 ? lead.lowest : 0x80, highest = length == 1 ? lead.highest : 0xBF;
            if (byte(text, length) < lowest || byte(text, length) > highest) break;
            ++length;
        }
        return {length, length == lead.length};
    }
    return {};
}

/// U+FDD0 to U+FDEF and the last two code points of every plane.
bool is_noncharacter(std::string_view character) {
    const std::size_t length = character.size();
    if (length < 3) return false;
    const unsigned last_two = (byte(character, length - 2) & 0x3Fu) << 6 | (byte(character, length - 1) & 0x3Fu);
    const unsigned nibble = byte(character, length - 3) & 0xFu;  // bits 12 to 15
    const bool ends_a_plane = nibble == 0xF && last_two >= 0xFFE;
    const bool process_internal = length == 3 && nibble == 0xF && last_two >= 0xDD0 && last_two <= 0xDEF;
    return ends_a_plane || process_internal;
}

}  // namespace

std::string lower(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

std::string strip_punctuation(std::string text) {
    std::erase_if(text, [](char letter) { return punctuation.find(letter) != std::string_view::npos; });
    return text;
}

Words split_whitespace(std::string_view text) {
    Words words;
    for (std::size_t begin = text.find_first_not_of(whitespace); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(whitespace, begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(whitespace, end);
    }
    return words;
}

Words split_characters(std::string_view text, Noncharacters noncharacters) {
    Words characters;
    while (!text.empty()) {
        const Sequence next = first_sequence(text);
        const std::string_view character = text.substr(0, next.length);
        const bool kept = next.whole && (noncharacters == Noncharacters::kept || !is_noncharacter(character));
        characters.emplace_back(kept ? character : replacement);
        text.remove_prefix(next.length);
    }
    return characters;
}

Words ngrams(const Words& words, const std::vector<std::int64_t>& widths) {
    Words joined;
    for (const std::int64_t wide : widths) {
        const auto width = static_cast<std::size_t>(wide);
        for (std::size_t first = 0; first + width <= words.size() && width <= words.size(); ++first) {
            std::string& gram = joined.emplace_back(words[first]);
            for (std::size_t i = 1; i < width; ++i) gram.append(" ").append(words[first + i]);
        }
    }
    return joined;
}

}  // namespace layerctl::ops
