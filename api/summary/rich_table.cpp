// Draws a boxed table: heavy lines around the header, light ones around the rows.
#include "api/summary/rich_table.hpp"

#include <algorithm>
#include <cmath>

#include "api/summary/rich_wrap.hpp"
#include "api/summary/text_cells.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

using Lines = std::vector<std::u32string>;

constexpr std::size_t padding = 2;  // one space on either side

/// The four characters of a horizontal line.
struct Rule {
    char32_t left, filling, crossing, right;
};
constexpr Rule top = {U'┏', U'━', U'┳', U'┓'};
constexpr Rule under_header = {U'┡', U'━', U'╇', U'┩'};
constexpr Rule between_rows = {U'├', U'─', U'┼', U'┤'};
constexpr Rule bottom = {U'└', U'─', U'┴', U'┘'};

// Takes `excess` away from the widths in equal parts, rounding half to even as Python does.
void shrink_evenly(std::vector<std::size_t>& widths, std::size_t excess) {
    std::size_t columns = widths.size();
    for (std::size_t& width : widths) {
        const double share = static_cast<double>(excess) / static_cast<double>(columns--);
        const std::size_t taken = std::min(width, static_cast<std::size_t>(std::nearbyint(share)));
        width -= taken;
        excess -= taken;
    }
}

std::vector<std::size_t> cell_widths(const std::vector<RichColumn>& columns, std::size_t width) {
    std::vector<std::size_t> widths;
    std::size_t total = columns.size() + 1;
    for (const RichColumn& column : columns) total += widths.emplace_back(column.width + padding);
    if (total > width) shrink_evenly(widths, total - width);
    if (std::ranges::min(widths) <= padding)
        fail(Code::usage, "wanted a width that leaves room for every column, found ", width);
    return widths;
}

std::u32string aligned(std::u32string line, Align align, std::size_t width) {
    if (align != Align::left) drop_trailing_spaces(line);
    truncate(line, width, Overflow::ellipsis);
    const std::size_t spaces = width - cell_width(line);
    const std::size_t before = align == Align::left ? 0 : align == Align::right ? spaces : spaces / 2;
    return std::u32string(before, U' ') + line + std::u32string(spaces - before, U' ');
}

class Drawing {
public:
    Drawing(const std::vector<RichColumn>& columns, std::size_t width, std::size_t terminal)
        : columns_(columns), widths_(cell_widths(columns, width)), terminal_(terminal) {}

    std::string text(const std::vector<RichRow>& rows) {
        RichRow header;
        for (const RichColumn& column : columns_) header.push_back(column.header);
        rule(top);
        header_row(header);
        rule(under_header);
        for (const RichRow& row : rows) {
            if (&row != &rows.front()) rule(between_rows);
            body_row(row);
        }
        rule(bottom);
        return std::move(out_);
    }

private:
    void line(const std::u32string& text) {
        out_ += to_utf8(cell_width(text) > terminal_ ? fit_cells(text, terminal_) : text) + "\n";
    }

    void rule(const Rule& rule) {
        std::u32string text(1, rule.left);
        for (const std::size_t width : widths_) text += std::u32string(width, rule.filling) + rule.crossing;
        text.back() = rule.right;
        line(text);
    }

    Lines cell(const std::string& text, std::size_t column) const {
        const std::size_t room = widths_[column] - padding;
        Lines lines = wrap_cells(to_code_points(text), room, Overflow::ellipsis);
        for (std::u32string& line : lines) line = U" " + aligned(std::move(line), columns_[column].align, room) + U" ";
        return lines;
    }

    // Blank lines fill a cell below its text, in the header above it.
    void row(const RichRow& row, char32_t border, bool fill_above) {
        std::vector<Lines> cells;
        std::size_t height = 1;
        for (std::size_t i = 0; i < row.size(); ++i)
            height = std::max(height, cells.emplace_back(cell(row[i], i)).size());
        for (std::size_t i = 0; i < cells.size(); ++i)
            cells[i].insert(fill_above ? cells[i].begin() : cells[i].end(), height - cells[i].size(),
                            std::u32string(widths_[i], U' '));
        for (std::size_t i = 0; i < height; ++i) {
            std::u32string text(1, border);
            for (const Lines& lines : cells) text += lines[i] + border;
            line(text);
        }
    }

    void header_row(const RichRow& header) { row(header, U'┃', true); }
    void body_row(const RichRow& cells) { row(cells, U'│', false); }

    const std::vector<RichColumn>& columns_;
    std::vector<std::size_t> widths_;
    std::size_t terminal_;
    std::string out_;
};

}  // namespace

std::string draw_rich_table(const std::vector<RichColumn>& columns, const std::vector<RichRow>& rows, std::size_t width,
                            std::size_t terminal) {
    return Drawing(columns, width, terminal).text(rows);
}

std::string draw_rich_text(const std::string& text, std::size_t terminal) {
    std::string out;
    for (std::u32string& line : wrap_cells(to_code_points(text), terminal, Overflow::fold)) {
        truncate(line, terminal, Overflow::fold);
        out += to_utf8(line) + "\n";
    }
    return out;
}

}  // namespace layerctl
