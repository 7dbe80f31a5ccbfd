// The summary as JSON.
#include <nlohmann/json.hpp>

#include "api/summary/summary.hpp"
#include "api/summary/table.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

using Json = nlohmann::ordered_json;
using summary::OutputShapes;
using summary::Row;
using summary::Table;
using summary::Tally;

// Unknown dimensions are null, as is a shape that is not known at all.
Json shape_json(const std::optional<Shape>& shape) {
    if (!shape) return nullptr;
    Json dims = Json::array();
    for (const std::int64_t dim : *shape) dims.push_back(dim == Shape::unknown ? Json() : Json(dim));
    return dims;
}

// One shape, or a list of them if a call has several outputs.
Json output_json(const OutputShapes& shapes) {
    if (shapes.size() == 1) return shape_json(shapes[0]);
    Json list = Json::array();
    for (const auto& shape : shapes) list.push_back(shape_json(shape));
    return list;
}

Json connections_json(const Row& row) {
    Json list = Json::array();
    for (const summary::Connection& from : row.connections)
        list.push_back({{"layer", from.layer}, {"node", from.node}, {"tensor", from.tensor}});
    return list;
}

Json row_json(const Row& row) {
    Json json = {{"name", row.name}, {"class_name", row.class_name}};
    json["output_shape"] = row.outputs.empty() ? Json() : output_json(row.outputs.back());
    if (row.outputs.size() > 1)
        for (const OutputShapes& shapes : row.outputs) json["output_shape_of_calls"].push_back(output_json(shapes));
    json["params"] = row.params ? Json(*row.params) : Json();
    json["trainable"] = row.trainable;
    json["connected_to"] = connections_json(row);
    for (const Row& inner : row.layers) json["layers"].push_back(row_json(inner));
    return json;
}

void set_total(Json& json, const std::string& name, const Tally& tally) {
    json[name + "_params"] = tally.params;
    json[name + "_bytes"] = tally.bytes;
}

}  // namespace

std::string summary_json_text(const Graph& graph) {
    const Table table = summary::collect(graph);
    Json json = {{"name", table.name}, {"class_name", table.class_name}};
    json["keras_version"] = table.keras_version.empty() ? Json() : Json(table.keras_version);
    json["layers"] = Json::array();
    for (const Row& row : table.rows) json["layers"].push_back(row_json(row));
    Tally total = table.trainable;
    total += table.non_trainable;
    set_total(json, "total", total);
    set_total(json, "trainable", table.trainable);
    set_total(json, "non_trainable", table.non_trainable);
    if (table.optimizer) set_total(json, "optimizer", *table.optimizer);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace layerctl
