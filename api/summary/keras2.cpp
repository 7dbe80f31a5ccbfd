// The summary as Keras 2.15 draws it: plain text in columns, counted in code points.
#include <algorithm>
#include <array>
#include <vector>

#include "api/summary/table.hpp"
#include "api/summary/text_cells.hpp"
#include "models/error.hpp"

namespace layerctl::summary {
namespace {

// Classes that return a tuple of outputs where others return a list; those of users do, too.
constexpr std::array tuple_classes = {"Attention", "AdditiveAttention", "MultiHeadAttention"};

bool returns_tuple(const Row& row) {
    return row.is_custom || std::ranges::find(tuple_classes, row.class_name) != tuple_classes.end();
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

// Python's repr of a string without control characters.
std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : text) {
        if (c == '\\' || c == quote) out += '\\';
        out += c;
    }
    return out + quote;
}

// The shapes arranged as a nested model arranges its outputs; `next` is the first shape not yet used.
std::string arranged(const Argument& structure, const OutputShapes& shapes, std::size_t& next) {
    if (structure.kind == Argument::Kind::tensor) return next < shapes.size() ? shapes[next++]->text() : "?";
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < structure.items.size(); ++i) {
        const std::string item = arranged(structure.items[i], shapes, next);
        parts.push_back(structure.keys.empty() ? item : quoted(printable(structure.keys[i])) + ": " + item);
    }
    return structure.keys.empty() ? "[" + joined(parts) + "]" : "{" + joined(parts) + "}";
}

std::string arranged(const Row& row, const OutputShapes& shapes) {
    if (row.class_name == "InputLayer") return "[" + shapes[0]->text() + "]";
    if (shapes.size() == 1 && !(row.structure && !row.structure->keys.empty())) return shapes[0]->text();
    std::size_t next = 0;
    if (row.structure) return arranged(*row.structure, shapes, next);
    std::vector<std::string> parts;
    for (const auto& shape : shapes) parts.push_back(shape->text());
    return returns_tuple(row) ? "(" + joined(parts) + ")" : "[" + joined(parts) + "]";
}

std::string output_shape_text(const Row& row) {
    if (row.outputs.empty() || !std::ranges::all_of(row.outputs, is_known)) return "?";
    const bool same = std::ranges::all_of(row.outputs, [&](const auto& shapes) { return shapes == row.outputs[0]; });
    return same ? arranged(row, row.outputs[0]) : "multiple";
}

std::string connections_text(const Row& row) {
    std::vector<std::string> parts;
    for (const Connection& from : row.connections)
        parts.push_back(quoted(cat(from.layer, "[", from.node, "][", from.tensor, "]")));
    return "[" + joined(parts) + "]";
}

class Drawing {
public:
    Drawing(const Table& table, const SummaryOptions& options) : table_(table), options_(options) {
        width_ = options.width > 0 ? static_cast<std::size_t>(options.width) : (table.sequential_like ? 65 : 98);
        for (const double part : table.sequential_like ? std::vector{0.45, 0.85, 1.0} : std::vector{0.3, 0.6, 0.7, 1.0})
            ends_.push_back(static_cast<std::size_t>(static_cast<double>(width_) * part));
        if (options.show_trainable) ends_.push_back(width_ += 11);
    }

    std::string text() {
        line("Model: \"" + table_.name + "\"");
        line(std::string(width_, '_'));
        print_row(header(), 0);
        line(std::string(width_, '='));
        for (const Row& row : table_.rows) print_layer(row, 0, false);
        line(std::string(width_, '='));
        print_totals();
        line(std::string(width_, '_'));
        return std::move(out_);
    }

private:
    void line(const std::string& text) { out_ += text + "\n"; }

    std::vector<std::string> header() const {
        std::vector<std::string> names = {"Layer (type)", "Output Shape", "Param #"};
        if (!table_.sequential_like) names.push_back("Connected to");
        if (options_.show_trainable) names.push_back("Trainable");
        return names;
    }

    std::vector<std::string> fields(const Row& row, std::size_t level) const {
        std::vector<std::string> fields = {row.name + " (" + row.class_name + ")", output_shape_text(row),
                                           row.params ? std::to_string(*row.params) : "0 (unused)"};
        if (!table_.sequential_like) fields.push_back(level == 0 ? connections_text(row) : "[]");
        if (options_.show_trainable) fields.push_back(row.trainable ? "Y" : "N");
        return fields;
    }

    // Width of the text of a column. Two spaces part columns, and all but the last begin one to the right.
    std::size_t room(std::size_t column, std::size_t level) const {
        const std::size_t begin = column == 0 ? 0 : ends_[column - 1];
        const std::size_t lost = (column + 1 == ends_.size() ? 0 : 3) + (column == 0 ? level : 0);
        if (ends_[column] <= begin + lost)
            fail(Code::usage, "wanted a width that leaves room for every column, found ", width_);
        return ends_[column] - begin - lost;
    }

    // Takes from the front of `text` what fits, no further than the end of a tuple, list, dict or string.
    static std::u32string take(std::u32string& text, std::size_t room) {
        std::size_t cut = std::min(room, text.size());
        const std::u32string_view fitting = std::u32string_view(text).substr(0, cut);
        for (const std::u32string_view stop : {U"),", U"},", U"],", U"',"})
            if (const std::size_t at = fitting.find(stop); at != std::u32string_view::npos)
                cut = std::min(cut, at + stop.size());
        std::u32string piece = text.substr(0, cut);
        text.erase(0, cut);
        return piece;
    }

    void print_row(const std::vector<std::string>& fields, std::size_t level) {
        std::vector<std::u32string> left;
        for (const std::string& field : fields) left.push_back(to_code_points(field));
        while (std::ranges::any_of(left, [](const auto& field) { return !field.empty(); })) print_line(left, level);
    }

    void print_line(std::vector<std::u32string>& left, std::size_t level) {
        std::u32string text(level, U'|');
        text += U' ';
        for (std::size_t column = 0; column < left.size(); ++column) {
            const bool last = column + 1 == left.size();
            text += take(left[column], room(column, level));
            if (!last) text += U"  ";
            const std::size_t end = ends_[column] - (last ? level : 0);
            if (text.size() < end) text.append(end - text.size(), U' ');
        }
        line(to_utf8(text + std::u32string(level, U'|')));
    }

    // A line of one character between the borders of `level` nested models.
    void rule(std::size_t level, const std::string& filling) {
        const std::string border(level, '|');
        std::string text = border;
        for (std::size_t i = 2 * level; i < width_; ++i) text += filling;
        line(text + border);
    }

    // The blank line after a layer is left out after the last one of a nested model, and after a nested model too.
    void print_layer(const Row& row, std::size_t level, bool is_last) {
        print_row(fields(row, level), level);
        const bool expanded = options_.expand_nested && !row.layers.empty();
        if (expanded) {
            rule(level + 1, "¯");
            for (const Row& inner : row.layers) print_layer(inner, level + 1, &inner == &row.layers.back());
            rule(level, "¯");
        }
        if (!is_last && !expanded) rule(level, " ");
    }

    void print_total(const std::string& name, const Tally& tally) {
        static const std::vector units = {"Byte", "KB", "MB", "GB", "TB", "PB"};
        line(cat(name, ": ", tally.params, " (", readable_size(tally.bytes, units), ")"));
    }

    void print_totals() {
        Tally total = table_.trainable;
        total += table_.non_trainable;
        print_total("Total params", total);
        print_total("Trainable params", table_.trainable);
        print_total("Non-trainable params", table_.non_trainable);
    }

    const Table& table_;
    const SummaryOptions& options_;
    std::size_t width_ = 0;
    std::vector<std::size_t> ends_;
    std::string out_;
};

}  // namespace

std::string draw_keras2(const Table& table, const SummaryOptions& options) { return Drawing(table, options).text(); }

}  // namespace layerctl::summary
