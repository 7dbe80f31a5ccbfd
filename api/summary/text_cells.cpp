// UTF-8, and how many terminal cells text takes.
#include "api/summary/text_cells.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "api/summary/cell_ranges.hpp"

namespace layerctl {
namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr char32_t zero_width_joiner = 0x200D;

bool is_control(char32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

bool contains(std::span<const CodePointRange> ranges, char32_t code_point) {
    const auto after = std::ranges::upper_bound(ranges, code_point, {}, &CodePointRange::first);
    return after != ranges.begin() && code_point <= std::prev(after)->last;
}

// Bytes that a leading byte announces after itself; nothing below 0xC2 or above 0xF4 leads.
std::size_t continuation_bytes(unsigned char lead) {
    if (lead < 0xC2 || lead > 0xF4) return 0;
    return lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
}

// Whether the code point is one that UTF-8 of that length may spell.
bool is_well_formed(char32_t code_point, std::size_t continuations) {
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
    return code_point >= least[continuations] && code_point <= 0x10FFFF && !is_surrogate;
}

// Takes one code point off the front.
char32_t take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    if (lead < 0x80) return lead;
    const std::size_t count = continuation_bytes(lead);
    if (count == 0 || count > text.size()) return replacement;
    char32_t code_point = lead & (0x3FU >> count);
    for (const char byte : text.substr(0, count)) {
        if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) return replacement;
        code_point = code_point << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
    }
    if (!is_well_formed(code_point, count)) return replacement;
    text.remove_prefix(count);
    return code_point;
}

void append_utf8(std::string& out, char32_t code_point) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    const auto put_low = [&](unsigned shift) { put(0x80U | (code_point >> shift & 0x3FU)); };
    if (code_point < 0x80) return put(code_point);
    if (code_point < 0x800) {
        put(0xC0U | code_point >> 6U);
    } else if (code_point < 0x10000) {
        put(0xE0U | code_point >> 12U);
        put_low(6);
    } else {
        put(0xF0U | code_point >> 18U);
        put_low(12);
        put_low(6);
    }
    put_low(0);
}

}  // namespace

std::u32string to_code_points(std::string_view utf8) {
    std::u32string text;
    while (!utf8.empty()) text += take_code_point(utf8);
    return text;
}

std::string to_utf8(std::u32string_view code_points) {
    std::string text;
    for (const char32_t code_point : code_points) append_utf8(text, code_point);
    return text;
}

std::string printable(std::string_view utf8) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const char32_t code_point : to_code_points(utf8)) {
        if (is_control(code_point)) text += {'\\', 'x', digits[code_point >> 4U], digits[code_point & 0xFU]};
        else append_utf8(text, code_point);
    }
    return text;
}

std::size_t cell_width(char32_t code_point) {
    if (is_control(code_point)) return 0;
    if (code_point < 0xA0) return 1;
    if (contains(wide_ranges(), code_point)) return 2;
    return contains(zero_width_ranges(), code_point) ? 0 : 1;
}

std::size_t cell_width(std::u32string_view text) {
    std::size_t cells = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == zero_width_joiner) ++i;  // what it joins shares the cells of what came before
        else cells += cell_width(text[i]);
    }
    return cells;
}

std::u32string fit_cells(std::u32string_view text, std::size_t cells) {
    std::size_t kept = 0;
    while (kept < text.size() && cell_width(text.substr(0, kept + 1)) <= cells) ++kept;
    std::u32string fitted(text.substr(0, kept));
    fitted.append(cells - cell_width(fitted), U' ');
    return fitted;
}

}  // namespace layerctl
