// layerctl profile: where the time of a run goes, layer by layer.
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "api/threads.hpp"
#include "api/write_file.hpp"
#include "cli/alignment.hpp"
#include "cli/columns.hpp"
#include "cli/commands.hpp"
#include "cli/costs.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"
#include "cli/sample_inputs.hpp"
#include "cli/stopwatch.hpp"

namespace layerctl::cli {
namespace {

/// The fastest of all measured runs: what disturbs a run only makes it longer.
struct FastestRun {
    Clock::time_point begin;
    Clock::time_point end;
    std::vector<LayerSpan> spans;
    std::size_t of_runs = 0;

    double ms() const { return milliseconds(end - begin); }
};

FastestRun fastest_run(const Timing& timing, Context& context, const Tensors& inputs) {
    FastestRun fastest, last;
    const auto run = [&] {
        last.spans.clear();
        last.begin = Clock::now();
        context.predict(inputs, last.spans);
        last.end = Clock::now();
    };
    warm_up(timing, run);
    fastest = last;
    fastest.of_runs = measured(timing, [&] {
                          run();
                          if (last.ms() < fastest.ms()) std::swap(last, fastest);
                      }).size();
    return fastest;
}

struct Line {
    LayerCost cost;
    LayerKernel kernel;
    double ms = 0;
    double share = 0;                           // of the whole run
    std::optional<std::int64_t> products = {};  // multiply-accumulates of all layers that were computed with it
    std::string within = {};                    // the layer with which it was computed; empty: by itself
};

std::vector<Line> lines_of(const std::vector<LayerCost>& costs, const std::vector<LayerKernel>& kernels,
                           const FastestRun& run) {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < costs.size(); ++i) lines.push_back({costs[i], kernels[i]});
    for (const LayerSpan& span : run.spans) lines[span.layer].ms += milliseconds(span.end - span.begin);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Line& line = lines[i];
        line.share = line.ms / run.ms();
        if (line.kernel.within) line.within = costs[*line.kernel.within].layer;
        std::optional<std::int64_t>& products = lines[line.kernel.within.value_or(i)].products;
        if (line.cost.macs) products = products.value_or(0) + *line.cost.macs;
    }
    return lines;
}

Json line_json(const Line& line) {
    return {{"layer", line.cost.layer},
            {"class_name", line.cost.class_name},
            {"calls", line.cost.calls},
            {"kernel", line.kernel.kernel.empty() ? Json() : Json(line.kernel.kernel)},
            {"reason", line.kernel.reason.empty() ? Json() : Json(line.kernel.reason)},
            {"within", line.within.empty() ? Json() : Json(line.within)},
            {"ms", line.ms},
            {"share", line.share},
            {"macs", or_null(line.cost.macs)},
            {"bytes", or_null(line.cost.bytes)},
            {"gflops", or_null(gflops(line.products, line.ms))}};
}

void print_json(const Profile& command, const Tensors& inputs, const FastestRun& run, const std::vector<Line>& lines) {
    Json layers = Json::array();
    for (const Line& line : lines) layers.push_back(line_json(line));
    std::cout << dump({{"model", command.model},
                       {"batch", or_null(rows_of(inputs))},
                       {"threads", threads()},
                       {"runs", run.of_runs},
                       {"ms", run.ms()},
                       {"layers", layers}});
}

std::string kernel_text(const Line& line) {
    if (!line.within.empty()) return "in " + printable(line.within);
    return line.kernel.kernel.empty() ? "-" : line.kernel.kernel;
}

void print_table(const Profile& command, const Tensors& inputs, const FastestRun& run, const std::vector<Line>& lines) {
    Rows table = {{"layer", "class", "kernel", "calls", "ms", "share", "MACs", "bytes", "GFLOP/s"}};
    const auto counted = [](const std::optional<std::int64_t>& count) {
        return count ? with_commas(static_cast<std::uint64_t>(*count)) : "-";
    };
    for (const Line& line : lines) {
        const std::optional<double> speed = gflops(line.products, line.ms);
        table.push_back({printable(line.cost.layer), printable(line.cost.class_name), kernel_text(line),
                         cat(line.cost.calls), fixed(line.ms, 4), fixed(100 * line.share, 1) + " %",
                         counted(line.cost.macs), counted(line.cost.bytes), speed ? fixed(*speed, 2) : "-"});
    }
    const std::optional<std::int64_t> rows = rows_of(inputs);
    std::cout << printable(command.model) << ": " << fixed(run.ms(), 4) << " ms, the fastest of "
              << with_commas(run.of_runs) << " runs; " << (rows ? cat("batch of ", *rows, ", ") : "")
              << threads() << (threads() == 1 ? " thread\n" : " threads\n");
    print_columns(std::cout, table, {.flush_left = 3});
    if (!command.why) return;
    std::cout << '\n';
    for (const Line& line : lines)
        if (!line.kernel.reason.empty()) std::cout << printable(line.cost.layer) << ": " << line.kernel.reason << '\n';
}

/// A complete event of Chrome's trace format.
Json event_json(std::string name, std::string category, const FastestRun& run, const LayerSpan& span) {
    return {{"name", std::move(name)},
            {"cat", std::move(category)},
            {"ph", "X"},
            {"ts", 1000 * milliseconds(span.begin - run.begin)},
            {"dur", 1000 * milliseconds(span.end - span.begin)},
            {"pid", 1},
            {"tid", 1}};
}

std::string trace_text(const Profile& command, const FastestRun& run, const std::vector<LayerCost>& costs) {
    Json events = {event_json("predict " + command.model, "run", run, {0, run.begin, run.end})};
    for (const LayerSpan& span : run.spans) {
        const LayerCost& cost = costs[span.layer];
        events.push_back(event_json(cost.layer, cost.class_name, run, span));
    }
    return dump_line({{"traceEvents", events}, {"displayTimeUnit", "ms"}});
}

/// For the whole batch, where other runs compute entry after entry.
RunOptions layer_by_layer(RunOptions options) {
    options.without_passes.push_back("split_batch");
    return options;
}

}  // namespace

int run(const Profile& command) {
    if (command.threads) set_threads(*command.threads);
    const Model model = load_model(command.model, command.load, !command.json);
    const Tensors inputs = sample_inputs(command.samples, command.batch, model.inputs());
    Context context = model.context(layer_by_layer(command.options));
    const FastestRun fastest = fastest_run(command.timing, context, inputs);
    const std::vector<LayerCost> costs = model.costs(shapes_of(inputs));
    std::vector<Line> lines = lines_of(costs, context.kernels(shapes_of(inputs)), fastest);
    if (command.by_time)
        std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.ms > b.ms; });
    if (!command.trace.empty()) write_result(command.trace, trace_text(command, fastest, costs));
    if (command.json) print_json(command, inputs, fastest, lines);
    else print_table(command, inputs, fastest, lines);
    return 0;
}

}  // namespace layerctl::cli
