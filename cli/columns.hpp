// Plain tables: columns as wide as their widest cell.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace layerctl::cli {

using Rows = std::vector<std::vector<std::string>>;

struct Columns {
    std::size_t flush_left = 0;  // so many columns; the others, numbers, stand flush right
    std::size_t first_gap = 2;   // blanks behind the first column; two behind the others
};

/// Every row has as many cells as the first.
void print_columns(std::ostream& out, const Rows& rows, const Columns& columns);

}  // namespace layerctl::cli
