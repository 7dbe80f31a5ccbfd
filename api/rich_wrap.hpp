// Text cut into lines as Python's rich library does it. Internal to api/rich_table.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace layerctl {

enum class Overflow {
    fold,      // a word too long for a line continues on the next
    ellipsis,  // it is cut, and ends in "…"
};

/// Lines of at most `width` cells, broken between words where possible.
std::vector<std::u32string> wrap_cells(std::u32string_view text, std::size_t width, Overflow overflow);

bool is_space(char32_t code_point);

}  // namespace layerctl
