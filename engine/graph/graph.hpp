// Graph: the layers of a ModelSpec as objects, wired by edges, nested models unfolded; shapes inferred, weights bound.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/layer.hpp"
#include "models/model_spec.hpp"

namespace layerctl {

using EdgeId = std::size_t;

/// What flows between nodes. The shape is unknown downstream of a layer layerctl does not know.
struct Edge {
    std::optional<Shape> shape;
    DType dtype = DType::float32;
};

/// One layer of the model or of a model nested in it. Several nodes share it if the layer is called several times.
struct GraphLayer {
    const LayerSpec* spec = nullptr;  // lives in Graph::spec
    std::string path;                 // "sub/conv1": names of the enclosing models, then its own
    std::size_t top_level = 0;        // index into the outer model's layers
    bool trainable = true;            // own flag and those of all enclosing models
    bool opaque = false;              // of an unknown class, or with a config that was refused
    bool built = false;               // `declared` is known
    WeightSpecs declared;
    Weights weights;                  // bound, in declared order; empty until bound
};

/// One call of a layer.
struct Node {
    std::size_t layer = 0;              // into Graph::layers
    std::size_t call = 0;               // which call of the layer this is, 0-based
    std::unique_ptr<Layer> object;      // configured for this call; null if opaque
    std::vector<EdgeId> inputs;
    std::vector<EdgeId> masks;          // explicit mask argument edges, parallel to inputs or empty
    std::vector<EdgeId> outputs;
};

/// A named input or output of the model.
struct Port {
    std::string name;
    EdgeId edge = 0;
};

struct Graph {
    std::shared_ptr<const ModelSpec> spec;
    std::vector<GraphLayer> layers;   // outer model's layers and, behind each nested model, its layers
    std::vector<Node> nodes;          // in execution order
    std::vector<Edge> edges;
    std::vector<Port> inputs;         // in model order (dicts by key)
    std::vector<Port> outputs;

    /// Output edges of call `node` of layer `layer` of the outer model; empty if that call is not part of the model.
    /// [layer][node] -> edges
    std::vector<std::vector<std::vector<EdgeId>>> outer_edges;

    /// Input edges of the same calls.
    std::vector<std::vector<std::vector<EdgeId>>> outer_inputs;
};

/// Makes the layer objects, wires them and infers shapes, dtypes and declared weights. Problems are added, not thrown:
/// a layer with problems becomes opaque and the graph still shows its place.
Graph build_graph(std::shared_ptr<const ModelSpec> spec, Problems& problems);

/// Infers shapes, dtypes and declared weights; layer by layer in execution order. Called by `build_graph`.
void infer(Graph& graph, Problems& problems);

/// Gives every layer its stored weights: count, order, name and shape are checked before an array is read
/// (formats.md 1.4, 1.5). Surplus and missing ones are problems.
void bind_weights(Graph& graph, Problems& problems);

/// Fills every weight from its initializer. Layer i draws from a stream of its own derived from `seed`.
void initialize_weights(Graph& graph, std::uint64_t seed);

/// The weights of the model in Keras' order for one top-level layer: trainable ones, then the others.
/// Pairs of (index into graph.layers, index into its `declared`).
struct WeightIndex {
    std::size_t layer = 0;
    std::size_t weight = 0;
};
std::vector<WeightIndex> weight_order(const Graph& graph, std::size_t top_level);

}  // namespace layerctl
