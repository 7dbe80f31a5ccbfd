#include "cli/alignment.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/columns.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

constexpr const char* nothing = "-";

std::string verdict(const AlignedWeight& line) {
    if (line.paired_by.empty() || line.problem.empty()) return line.paired_by + line.problem;
    return line.paired_by + ", " + line.problem;
}

std::vector<std::string> row_of(const AlignedWeight& line) {
    const bool wanted = !line.wanted.empty(), found = !line.found.empty();
    return {line.is_pair() ? "" : "!",
            wanted ? printable(line.wanted) : nothing,
            wanted ? line.wanted_shape.text() : "",
            wanted ? cat(line.wanted_dtype) : "",
            found ? printable(line.found) : nothing,
            found ? line.found_shape.text() : "",
            found ? cat(line.found_dtype) : "",
            verdict(line)};
}

void print_table(std::ostream& out, const Alignment& alignment) {
    Rows rows = {{"", "weight", "shape", "dtype", "array", "shape", "dtype", "paired by"}};
    for (const AlignedWeight& line : alignment) rows.push_back(row_of(line));
    print_columns(out, rows, {.flush_left = rows[0].size(), .first_gap = 1});
}

Json side_json(const std::string& name, const Shape& shape, DType dtype) {
    if (name.empty()) return nullptr;
    Json dims = Json::array();
    for (const std::int64_t dim : shape) dims.push_back(dim == Shape::unknown ? Json() : Json(dim));
    return {{"name", name}, {"shape", dims}, {"dtype", cat(dtype)}};
}

Json alignment_json(const Alignment& alignment) {
    Json list = Json::array();
    for (const AlignedWeight& line : alignment)
        list.push_back({{"layer", line.layer},
                        {"weight", side_json(line.wanted, line.wanted_shape, line.wanted_dtype)},
                        {"array", side_json(line.found, line.found_shape, line.found_dtype)},
                        {"paired_by", line.paired_by},
                        {"problem", line.problem}});
    return list;
}

/// A line per layer that keeps weights.
void tell_kept(const std::string& file, const Alignment& alignment) {
    std::vector<std::pair<std::string, std::string>> layers;
    for (const AlignedWeight& line : alignment) {
        if (line.is_pair() || line.wanted.empty()) continue;
        if (layers.empty() || layers.back().first != line.layer) layers.emplace_back(line.layer, "");
        std::string& text = layers.back().second;
        text += cat(text.empty() ? "'" : ", '", line.wanted.substr(line.layer.size() + 1), "' (", line.problem, ")");
    }
    for (const auto& [layer, weights] : layers)
        note(cat(file, ": layer '", layer, "' gets nothing for ", weights, " and keeps what it had"));
}

void tell_unused(const std::string& file, const Alignment& alignment) {
    std::string names;
    for (const AlignedWeight& line : alignment)
        if (line.wanted.empty()) names += cat(names.empty() ? "'" : ", '", line.found, "'");
    if (!names.empty()) note(cat(file, ": no weight wants ", names));
}

Model load_or_show(const std::string& file, const LoadOptions& options, bool shows_misfits) {
    try {
        LoadOptions mapping = options;
        mapping.map_weights = true;
        return Model::load(file, mapping);
    } catch (const Error& error) {
        if (shows_misfits && error.code() == Code::weights && !options.weights.empty())
            print_alignment(std::cerr, Model::describe(file, options).alignment(), false);
        throw;
    }
}

}  // namespace

Model load_model(const std::string& file, const LoadOptions& options, bool shows_misfits) {
    const Model model = load_or_show(file, options, shows_misfits);
    if (!options.graft.is_partial()) return model;
    tell_kept(options.weights.string(), model.alignment());
    tell_unused(options.weights.string(), model.alignment());
    return model;
}

void print_alignment(std::ostream& out, const Alignment& alignment, bool json) {
    if (json) out << dump(alignment_json(alignment));
    else print_table(out, alignment);
}

}  // namespace layerctl::cli
