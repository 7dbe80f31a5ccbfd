// What a summary says before it is drawn: one row per layer, and the totals. Internal to api/summary*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/layerctl.hpp"
#include "engine/graph/graph.hpp"

namespace layerctl::summary {

/// Shapes of the outputs of one call; nothing where they are unknown.
using OutputShapes = std::vector<std::optional<Shape>>;

/// There are outputs, and the shapes of all of them are known.
bool is_known(const OutputShapes& shapes);

/// A tensor a layer reads, as Keras names it: layer[node][tensor].
struct Connection {
    std::string layer;
    std::size_t node = 0;
    std::size_t tensor = 0;
};

/// Elements of weights and the bytes they take.
struct Tally {
    std::int64_t params = 0;
    std::int64_t bytes = 0;

    void add(const Shape& shape, DType dtype);
    Tally& operator+=(const Tally& other);
    Tally& operator-=(const Tally& other);
};

struct Row {
    std::string name;
    std::string class_name;
    bool is_layer = true;                // false: an operation of Keras 3 such as keras.ops.add
    bool is_custom = false;              // of a class the user defined
    std::vector<OutputShapes> outputs;   // per call
    std::optional<Argument> structure;   // of a nested model: how its outputs are arranged
    std::optional<std::int64_t> params;  // nothing if they cannot be told: the layer was never built
    bool has_weights = false;
    bool trainable = true;
    std::vector<Connection> connections;
    std::vector<Row> layers;  // of a nested model
};

struct Table {
    std::string name;
    std::string class_name;
    std::string keras_version;
    bool sequential_like = true;  // drawn without the column of connections
    std::vector<Row> rows;
    Tally trainable;
    Tally non_trainable;
    std::optional<Tally> optimizer;
};

/// Rows of nested models are collected at any rate; whether they show is up to the drawing.
Table collect(const Graph& graph);

/// The shapes Keras 3 shows for a call, given those of the tensors it reads and makes.
OutputShapes keras3_shapes(const LayerSpec& layer, const OutputShapes& inputs, OutputShapes outputs);

/// What the file holds of the optimizer; nothing if there is none, or one that was never built.
std::optional<Tally> optimizer_tally(const ModelSpec& model);

/// Without text for the columns that `options` leaves out. A width too small for the columns is Code::usage.
std::string draw_keras2(const Table& table, const SummaryOptions& options);
std::string draw_keras3(const Table& table, const SummaryOptions& options);

/// "1.39 KB": bytes in the largest of `units` that leaves at least one of them.
std::string readable_size(std::int64_t bytes, const std::vector<const char*>& units);

}  // namespace layerctl::summary
