// The summary's front: picks the drawing that belongs to the file, or the one asked for.
#include "api/summary/summary.hpp"

#include "api/summary/table.hpp"
#include "api/summary/text_cells.hpp"

namespace layerctl {
namespace {

SummaryOptions::Style style_of(const Graph& graph, const SummaryOptions& options) {
    if (options.style != SummaryOptions::Style::of_the_file) return options.style;
    return graph.spec->dialect == Dialect::keras3 ? SummaryOptions::Style::keras3 : SummaryOptions::Style::keras2;
}

void make_printable(std::vector<summary::Row>& rows) {
    for (summary::Row& row : rows) {
        row.name = printable(row.name);
        row.class_name = printable(row.class_name);
        for (summary::Connection& from : row.connections) from.layer = printable(from.layer);
        make_printable(row.layers);
    }
}

}  // namespace

std::string summary_text(const Graph& graph, const SummaryOptions& options) {
    summary::Table table = summary::collect(graph);
    table.name = printable(table.name);
    make_printable(table.rows);
    return style_of(graph, options) == SummaryOptions::Style::keras3 ? summary::draw_keras3(table, options)
                                                                     : summary::draw_keras2(table, options);
}

}  // namespace layerctl
