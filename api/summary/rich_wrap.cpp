// Greedy line breaking in terminal cells.
#include "api/summary/rich_wrap.hpp"

#include <algorithm>

#include "api/summary/text_cells.hpp"

namespace layerctl {
namespace {

using Text = std::u32string_view;

bool is_space(char32_t code_point) {
    return code_point == U' ' || (code_point >= 0x09 && code_point <= 0x0D) || code_point == 0xA0 ||
           code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200A) || code_point == 0x3000;
}

std::size_t trailing_spaces(Text text) {
    std::size_t count = 0;
    while (count < text.size() && is_space(text[text.size() - 1 - count])) ++count;
    return count;
}

// Length of the first word of `text`, spaces before the text's first word and behind any word included.
std::size_t word_length(Text text) {
    std::size_t end = 0;
    while (end < text.size() && is_space(text[end])) ++end;
    while (end < text.size() && !is_space(text[end])) ++end;
    while (end < text.size() && is_space(text[end])) ++end;
    return end;
}

/// Finds where lines begin. `cells_` counts those of the present line, trailing spaces included.
class Breaker {
public:
    Breaker(std::size_t width, Overflow overflow) : width_(width), overflow_(overflow) {}

    void add_word(Text word) {
        const std::size_t cells = cell_width(word.substr(0, word.size() - trailing_spaces(word)));
        if (cells_ + cells <= width_) cells_ += cell_width(word);
        else if (cells > width_) add_long_word(word);
        else {
            if (cells_ > 0) break_at(at_);
            cells_ = cell_width(word);
        }
        at_ += word.size();
    }

    const std::vector<std::size_t>& breaks() const { return breaks_; }

private:
    void break_at(std::size_t at) {
        if (at > 0) breaks_.push_back(at);
    }

    void add_long_word(Text word) {
        break_at(at_);
        cells_ = 0;
        if (overflow_ == Overflow::ellipsis) {
            cells_ = cell_width(word);
            return;
        }
        for (std::size_t i = 0; i < word.size(); ++i) {
            const std::size_t cells = cell_width(word[i]);
            if (cells_ + cells > width_) {
                break_at(at_ + i);
                cells_ = 0;
            }
            cells_ += cells;
        }
    }

    std::size_t width_;
    Overflow overflow_;
    std::size_t at_ = 0;
    std::size_t cells_ = 0;
    std::vector<std::size_t> breaks_;
};

// Drops spaces at the end as far as the line is too long; rich counts code points here.
Text without_excess_spaces(Text line, std::size_t width) {
    if (line.size() <= width) return line;
    line.remove_suffix(std::min(line.size() - width, trailing_spaces(line)));
    return line;
}

}  // namespace

void drop_trailing_spaces(std::u32string& line) { line.resize(line.size() - trailing_spaces(line)); }

void truncate(std::u32string& line, std::size_t width, Overflow overflow) {
    if (cell_width(line) <= width) return;
    line = overflow == Overflow::fold ? fit_cells(line, width) : fit_cells(line, width - 1) + U"…";
}

std::vector<std::u32string> wrap_cells(Text text, std::size_t width, Overflow overflow) {
    Breaker breaker(width, overflow);
    for (Text rest = text; !rest.empty();) {
        const Text word = rest.substr(0, word_length(rest));
        if (trailing_spaces(word) < word.size()) breaker.add_word(word);
        rest.remove_prefix(word.size());
    }
    std::vector<std::u32string> lines;
    std::size_t begin = 0;
    for (const std::size_t end : breaker.breaks()) {
        lines.emplace_back(without_excess_spaces(text.substr(begin, end - begin), width));
        begin = end;
    }
    lines.emplace_back(without_excess_spaces(text.substr(begin), width));
    return lines;
}

}  // namespace layerctl
