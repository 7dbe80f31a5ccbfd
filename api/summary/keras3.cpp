// The summary as Keras 3 draws it: a rich table and the totals under it.
#include <algorithm>
#include <vector>

#include "api/summary/rich_table.hpp"
#include "api/summary/table.hpp"
#include "models/error.hpp"

namespace layerctl::summary {
namespace {

std::string with_commas(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

// Unlike a tuple: "(None)" for one dimension.
std::string shape_text(const Shape& shape) {
    std::string text;
    for (const std::int64_t dim : shape)
        text += (text.empty() ? "" : ", ") + (dim == Shape::unknown ? "None" : std::to_string(dim));
    return "(" + text + ")";
}

// The shapes of the last call.
std::string output_shape_text(const Row& row) {
    if (row.outputs.empty()) return "?";
    std::string text;
    for (const auto& shape : row.outputs.back()) {
        if (!shape) return "?";
        text += (text.empty() ? "" : ", ") + shape_text(*shape);
    }
    return row.outputs.back().size() == 1 ? text : "[" + text + "]";
}

std::string connections_text(const Row& row) {
    std::string text;
    for (const Connection& from : row.connections)
        text += cat(text.empty() ? "" : ", ", from.layer, "[", from.node, "][", from.tensor, "]");
    return text.empty() ? "-" : text;
}

class Layout {
public:
    Layout(const Table& table, const SummaryOptions& options) : table_(table), options_(options) {
        add_column("Layer (type)", Align::left);
        add_column("Output Shape", Align::left);
        add_column("Param #", Align::right);
        if (!table.sequential_like) add_column("Connected to", Align::left);
        if (options.show_trainable) add_column("Trainable", Align::center);
        set_widths();
        for (const Row& row : table.rows) add_rows(row, 0);
    }

    std::string text() const { return draw_rich_table(columns_, rows_, width_, terminal()); }

    std::size_t terminal() const { return static_cast<std::size_t>(std::max(options_.terminal, 1)); }

private:
    void add_column(const char* header, Align align) { columns_.push_back({header, align}); }

    // Where columns end, as parts of the width.
    std::vector<double> positions() const {
        std::vector<double> positions = {0.45, 0.80, 1.0};
        if (!table_.sequential_like) positions = {0.3, 0.56, 0.74, 1.0};
        if (!options_.show_trainable) return positions;
        for (double& position : positions) position *= 0.90;
        positions.push_back(1.0);
        return positions;
    }

    // Keras leaves four columns of the terminal free.
    std::size_t default_width() const {
        const int widest = (table_.sequential_like ? 88 : 108) + (options_.show_trainable ? 12 : 0);
        return static_cast<std::size_t>(std::max(std::min(widest, options_.terminal - 4), 0));
    }

    void set_widths() {
        width_ = options_.width > 0 ? static_cast<std::size_t>(options_.width) : default_width();
        std::size_t end = 0;
        for (std::size_t i = 0; const double position : positions()) {
            const auto next = static_cast<std::size_t>(position * static_cast<double>(width_));
            if (next < end + 4)
                fail(Code::usage, "wanted a width that leaves 4 cells or more for every column, found ", width_);
            columns_[i++].width = next - end;
            end = next;
        }
    }

    void add_rows(const Row& row, std::size_t level) {
        const std::string prefix = level == 0 ? "" : std::string(3 * level, ' ') + "└ ";
        RichRow cells = {prefix + row.name + " (" + row.class_name + ")", output_shape_text(row),
                         row.params ? with_commas(*row.params) : "0 (unbuilt)"};
        if (!table_.sequential_like) cells.push_back(level == 0 ? connections_text(row) : "-");
        if (options_.show_trainable) cells.push_back(!row.has_weights ? "-" : row.trainable ? "Y" : "N");
        rows_.push_back(std::move(cells));
        if (!options_.expand_nested) return;
        for (const Row& inner : row.layers)
            if (inner.is_layer) add_rows(inner, level + 1);
    }

    const Table& table_;
    const SummaryOptions& options_;
    std::size_t width_ = 0;
    std::vector<RichColumn> columns_;
    std::vector<RichRow> rows_;
};

std::string total_text(const char* name, const Tally& tally) {
    static const std::vector units = {"B", "KB", "MB", "GB", "TB", "PB"};
    return cat(" ", name, ": ", with_commas(tally.params), " (", readable_size(tally.bytes, units), ")");
}

std::vector<std::string> totals(const Table& table) {
    Tally total = table.trainable;
    total += table.non_trainable;
    if (table.optimizer) total += *table.optimizer;
    std::vector<std::string> lines = {total_text("Total params", total),
                                      total_text("Trainable params", table.trainable),
                                      total_text("Non-trainable params", table.non_trainable)};
    if (table.optimizer) lines.push_back(total_text("Optimizer params", *table.optimizer));
    return lines;
}

}  // namespace

std::string draw_keras3(const Table& table, const SummaryOptions& options) {
    const Layout layout(table, options);
    std::string text = draw_rich_text("Model: \"" + table.name + "\"", layout.terminal()) + layout.text();
    for (const std::string& line : totals(table)) text += draw_rich_text(line, layout.terminal());
    return text +
           "\n";  // Keras 3 hands over all lines at once, and what prints them ends them with a newline of its own
}

}  // namespace layerctl::summary
