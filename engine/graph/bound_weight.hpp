// What all ways of pairing stored arrays with declared weights need. Internal to engine/graph.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/graph.hpp"

namespace layerctl::binding {

/// The arrays found, by layer and declared weight.
using Arrays = std::vector<Tensors>;

const WeightSpec& declared(const Graph& graph, const WeightIndex& index);

/// "sub/lstm/cell/kernel": the path of the layer, then what it calls its weight.
std::string full_name(const Graph& graph, const WeightIndex& index);

/// The dtype a weight is kept in.
DType variable_dtype(const Graph& graph, const WeightIndex& index);

/// What a way of pairing works on, and where it puts what it finds.
struct Binding {
    const Graph& graph;
    const WeightStore& store;
    const Graft& graft;
    Arrays* arrays;  // null: only checked
    Alignment& alignment;
    Problems& problems;
};

/// Adds a line to the alignment: a weight, an array, or both; `problem` as in AlignedWeight.
void align(Binding& binding, const WeightIndex* index, const StoredWeight* stored, std::string_view paired_by,
           std::string_view problem);

/// "shape", "dtype" or nothing: why a weight cannot take an array. Floats stand for floats, integers for integers.
std::string_view misfit(const Graph& graph, const WeightIndex& index, const StoredWeight& stored);

/// The same for dtypes as an error, Code::weights.
void check_dtype(const Graph& graph, const WeightIndex& index, const StoredWeight& stored);

/// Reads the array, if arrays are read.
void take(Binding& binding, const WeightIndex& index, const StoredWeight& stored);

/// "forward_layer/cell" of "forward_layer/cell/kernel": the part of a layer that owns a weight; empty for its own.
std::string_view object_of(std::string_view weight);

/// A layer, or one inside it, where an archive keeps it: as it is serialized. A list of layers has no class.
struct Part {
    std::string path;
    std::string class_name;
    const Value* config;  // null: unknown
};

/// The part of that name in a list of layers: of a model inside a layer, whose parts have its layers' names, or of a
/// Pipeline, whose parts are counted.
std::optional<Part> part_in_list(const Part& whole, const std::string& name, const CustomObjects* custom);

/// The part of that name, kept under such an attribute.
Part part_at(const Part& whole, const std::string& name, const std::string& attribute);

/// Low-rank updates are merged into the kernel when Keras saves by path.
bool is_low_rank(const WeightSpec& weight);

/// Puts weights of one object in the order Keras stores them by path: trainable ones first. Layers with low-rank
/// updates or quantized weights say themselves how theirs are stored, which is the order of the declaration.
void sort_as_stored(const Graph& graph, std::vector<WeightIndex>& weights);

/// False while a layer's weights are unknown: it is opaque, or behind an opaque one.
bool is_built(const GraphLayer& layer);

/// Pairs groups and layers by position (formats.md 1.5), or by the layers' names if the graft says so.
void by_order(Binding& binding);

/// Pairs objects by their path (formats.md 3).
void by_path(Binding& binding);

/// Pairs arrays by their names: those that `export_weights` gives them, or those of Keras' variables.
void by_name(Binding& binding);

}  // namespace layerctl::binding
