// The code points that do not take one cell. Internal to api/text_cells.cpp.
#pragma once

#include <span>

namespace layerctl {

struct CodePointRange {
    char32_t first;
    char32_t last;
};

/// Sorted; two cells each.
std::span<const CodePointRange> wide_ranges();

/// Sorted, from U+00A0 on; no cell.
std::span<const CodePointRange> zero_width_ranges();

}  // namespace layerctl
