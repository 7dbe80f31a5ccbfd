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

/// Lines broken between words where possible. What is still wider than `width` — a long word under `ellipsis`,
/// spaces at the end — is for `truncate`.
std::vector<std::u32string> wrap_cells(std::u32string_view text, std::size_t width, Overflow overflow);

void drop_trailing_spaces(std::u32string& line);

/// Cuts a line wider than `width`.
void truncate(std::u32string& line, std::size_t width, Overflow overflow);

}  // namespace layerctl
