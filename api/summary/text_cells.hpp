// Text as a terminal counts it: code points and the cells they take. Internal to api.
#pragma once

#include <string>
#include <string_view>

namespace layerctl {

/// UTF-8 to code points; bytes that are no UTF-8 become U+FFFD each.
std::u32string to_code_points(std::string_view utf8);

std::string to_utf8(std::u32string_view code_points);

/// With control characters spelled out as in "\x1b", so that text from a file cannot steer a terminal.
std::string printable(std::string_view utf8);

/// 2 for wide characters (CJK, emoji), 0 for combining and control characters, else 1.
std::size_t cell_width(char32_t code_point);

std::size_t cell_width(std::u32string_view text);

/// Cut or padded to `cells`; a wide character that would be cut in two becomes a space.
std::u32string fit_cells(std::u32string_view text, std::size_t cells);

}  // namespace layerctl
