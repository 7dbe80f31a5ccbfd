#include "cli/columns.hpp"

#include <algorithm>
#include <ostream>

#include "api/summary/text_cells.hpp"

namespace layerctl::cli {
namespace {

std::size_t cells(const std::string& text) { return cell_width(to_code_points(text)); }

}  // namespace

void print_columns(std::ostream& out, const Rows& rows, const Columns& columns) {
    std::vector<std::size_t> widths(rows[0].size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], cells(row[i]));
    for (const auto& row : rows) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string blanks(widths[i] - cells(row[i]), ' ');
            text += (i < columns.flush_left ? row[i] + blanks : blanks + row[i]) +
                    std::string(i == 0 ? columns.first_gap : 2, ' ');
        }
        out << text.substr(0, text.find_last_not_of(' ') + 1) << '\n';
    }
}

}  // namespace layerctl::cli
