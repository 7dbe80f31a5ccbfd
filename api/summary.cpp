// The summary's front: picks the drawing that belongs to the file, or the one asked for.
#include "api/summary.hpp"

#include "api/summary_table.hpp"

namespace layerctl {
namespace {

SummaryOptions::Style style_of(const Graph& graph, const SummaryOptions& options) {
    if (options.style != SummaryOptions::Style::of_the_file) return options.style;
    return graph.spec->dialect == Dialect::keras3 ? SummaryOptions::Style::keras3 : SummaryOptions::Style::keras2;
}

}  // namespace

std::string summary_text(const Graph& graph, const SummaryOptions& options) {
    const summary::Table table = summary::collect(graph);
    return style_of(graph, options) == SummaryOptions::Style::keras3 ? summary::draw_keras3(table, options)
                                                                     : summary::draw_keras2(table, options);
}

}  // namespace layerctl
