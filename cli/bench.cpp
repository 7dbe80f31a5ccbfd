// layerctl bench: how long loading and running take, how much memory and how many products.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "api/threads.hpp"
#include "cli/alignment.hpp"
#include "cli/columns.hpp"
#include "cli/commands.hpp"
#include "cli/costs.hpp"
#include "cli/json.hpp"
#include "cli/outputs.hpp"
#include "cli/precision.hpp"
#include "cli/report.hpp"
#include "cli/sample_inputs.hpp"
#include "cli/stopwatch.hpp"

namespace layerctl::cli {
namespace {

/// The most memory this process ever held; nothing where the system does not tell.
Json peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return nullptr;
}

/// The largest difference from the reference, by the largest number of the same output; nothing where no output has
/// floats.
Json error_of(const Model& model, const Tensors& inputs, const Tensors& outputs) {
    const Tensors wanted = model.context({.reference = true}).predict(inputs);
    std::optional<double> error;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!is_floating(wanted[i].dtype())) continue;
        const Tensor a = wanted[i].cast(DType::float64), b = outputs[i].cast(DType::float64);
        double most = 0, off = 0;
        for (std::size_t k = 0; k < a.elements(); ++k) {
            most = std::max(most, std::abs(a.values<double>()[k]));
            off = std::max(off, std::abs(a.values<double>()[k] - b.values<double>()[k]));
        }
        error = std::max(error.value_or(0), most == 0 ? off : off / most);
    }
    return or_null(error);
}

/// One combination of batch size, threads and precision, as --json prints it.
Json measure(const Bench& command, const Model& model, double load_ms, std::optional<std::int64_t> batch,
             DType precision) {
    const Tensors inputs = sample_inputs(command.samples, batch, model.inputs());
    RunOptions options = command.options;
    options.precision = precision;
    Context context = model.context(options);
    const Clock::time_point start = Clock::now();
    context.bind(inputs);
    const Tensors& outputs = context.run();
    const double first_ms = milliseconds(Clock::now() - start);
    write_outputs(command.outputs, named_outputs(model, outputs));
    const Products products = products_of(model.costs(shapes_of(inputs)));
    Json row = {{"model", command.model},
                {"batch", or_null(rows_of(inputs))},
                {"threads", threads()},
                {"load_ms", load_ms},
                {"first_ms", first_ms}};
    if (!command.cold) {
        const auto run = [&] { context.run(); };
        warm_up(command.timing, run);
        const std::vector<double> times = measured(command.timing, run);
        const double least = *std::min_element(times.begin(), times.end());
        row.update({{"runs", times.size()},
                    {"min_ms", least},
                    {"median_ms", quantile(times, 0.5)},
                    {"p95_ms", quantile(times, 0.95)},
                    {"gflops", or_null(gflops(products.macs, least))}});
    }
    row.update({{"macs", or_null(products.macs)},
                {"uncounted", products.uncounted},
                {"vmhwm_mb", peak_megabytes()},
                {"precision", precision_name(precision)}});
    if (command.compare) row["error"] = error_of(model, inputs, outputs);
    return row;
}

struct Column {
    const char* key;
    const char* heading;
    int digits;  // behind the point
};

constexpr std::array columns = {
    Column{"batch", "batch", 0},         Column{"threads", "threads", 0},  Column{"precision", "weights", 0},
    Column{"first_ms", "first ms", 3},   Column{"runs", "runs", 0},        Column{"min_ms", "min ms", 4},
    Column{"median_ms", "median ms", 4}, Column{"p95_ms", "p95 ms", 4},    Column{"macs", "MACs", 0},
    Column{"gflops", "GFLOP/s", 2},      Column{"vmhwm_mb", "peak MB", 1}, Column{"error", "error", 8},
};

std::string text_of(const Json& value, int digits) {
    if (value.is_null()) return "-";
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_integer() ? with_commas(value.get<std::uint64_t>()) : fixed(value.get<double>(), digits);
}

void print_table(const std::vector<Json>& rows) {
    Rows table(1);
    const bool all_float32 =
        std::all_of(rows.begin(), rows.end(), [](const Json& row) { return row["precision"] == "f32"; });
    const auto is_shown = [&](const Column& column) {
        return rows[0].contains(column.key) && !(all_float32 && std::string_view(column.key) == "precision");
    };
    for (const Column& column : columns)
        if (is_shown(column)) table[0].push_back(column.heading);
    for (const Json& row : rows) {
        table.emplace_back();
        for (const Column& column : columns)
            if (is_shown(column)) table.back().push_back(text_of(row[column.key], column.digits));
    }
    std::cout << printable(rows[0]["model"].get<std::string>()) << ": loaded in " << text_of(rows[0]["load_ms"], 1)
              << " ms\n";
    print_columns(std::cout, table, {});
    print_uncounted(std::cout, rows[0]["uncounted"].get<std::vector<std::string>>());
}

/// The members of --json that are numbers.
void print_csv(const std::vector<Json>& rows) {
    const auto line = [](const Json& row, const auto& cell) {
        std::string text;
        for (const auto& [key, value] : row.items())
            if (key != "model" && key != "uncounted") text += (text.empty() ? "" : ",") + cell(key, value);
        std::cout << text << '\n';
    };
    line(rows[0], [](const std::string& key, const Json&) { return key; });
    for (const Json& row : rows)
        line(row, [](const std::string&, const Json& value) { return value.is_null() ? "" : value.dump(); });
}

void print(const Bench& command, const std::vector<Json>& rows) {
    if (command.csv) return print_csv(rows);
    if (!command.json) return print_table(rows);
    for (const Json& row : rows) std::cout << dump_line(row);
}

void check_single_row(const Bench& command) {
    if (!command.outputs.empty() &&
        (command.batches.size() > 1 || command.threads.size() > 1 || command.precisions.size() > 1))
        fail(Code::usage, "--output: wanted one batch size, one number of threads and one precision");
}

}  // namespace

int run(const Bench& command) {
    check_single_row(command);
    const std::vector<int> thread_counts = command.threads.empty() ? std::vector{threads()} : command.threads;
    std::vector<std::optional<std::int64_t>> batches(command.batches.begin(), command.batches.end());
    if (batches.empty()) batches.emplace_back();
    const std::vector<DType> precisions =
        command.precisions.empty() ? std::vector{command.options.precision} : command.precisions;
    set_threads(thread_counts.front());
    const Clock::time_point start = Clock::now();
    const Model model = load_model(command.model, command.load, !command.json);
    const double load_ms = milliseconds(Clock::now() - start);
    check_output_files(command.outputs, model.outputs().size(), true);
    std::vector<Json> rows;
    for (const std::optional<std::int64_t>& batch : batches)
        for (const int count : thread_counts) {
            set_threads(count);
            for (const DType precision : precisions) rows.push_back(measure(command, model, load_ms, batch, precision));
        }
    print(command, rows);
    return 0;
}

}  // namespace layerctl::cli
