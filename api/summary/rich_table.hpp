// A table as Python's rich library draws it on a plain terminal. Internal to api.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace layerctl {

enum class Align { left, center, right };

struct RichColumn {
    std::string header;
    Align align = Align::left;
    std::size_t width = 0;  // of the text; two more cells pad it
};

using RichRow = std::vector<std::string>;

/// Draws header and rows, a rule between all of them, `width` cells wide, cut at `terminal` cells. Columns shrink
/// evenly to fit. Ends with a newline.
std::string draw_rich_table(const std::vector<RichColumn>& columns, const std::vector<RichRow>& rows, std::size_t width,
                            std::size_t terminal);

/// Text printed by itself, wrapped at `terminal` cells; longer words continue on the next line. Ends with a newline.
std::string draw_rich_text(const std::string& text, std::size_t terminal);

}  // namespace layerctl
