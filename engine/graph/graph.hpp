// Graph: the layers of a ModelSpec as objects, wired by edges, nested models unfolded; shapes inferred, weights bound.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dtype_policy.hpp"
#include "engine/layer.hpp"
#include "models/alignment.hpp"
#include "models/model_spec.hpp"

namespace layerctl {

using EdgeId = std::size_t;

/// What flows between nodes. The shape is unknown downstream of a layer layerctl does not know.
struct Edge {
    std::optional<Shape> shape;
    DType dtype = DType::float32;
    bool ragged = false;  // its rows end where its mask does
};

/// An input of rows of unequal length, and the input with their lengths.
struct RowLengths {
    EdgeId values = 0;
    EdgeId lengths = 0;
};

/// The edges a call reads and makes. A nested model has calls like any layer, though its nodes are unfolded.
struct CallEdges {
    std::vector<EdgeId> inputs;
    std::vector<EdgeId> outputs;
};

/// Stands in CallEdges and Node where an optional argument is missing.
inline constexpr EdgeId no_edge = static_cast<EdgeId>(-1);

/// One layer of the model or of a model nested in it. Several nodes share it if the layer is called several times.
struct GraphLayer {
    const LayerSpec* spec = nullptr;  // lives in Graph::spec
    std::string path;                 // "sub/conv1": names of the enclosing models, then its own
    std::size_t top_level = 0;        // index into the outer model's layers
    std::optional<std::size_t> same_as;  // the earlier layer that is the same object for Keras: one set of weights
    bool trainable = true;            // own flag and those of all enclosing models
    bool opaque = false;              // of an unknown class, or with a config that was refused
    bool built = false;               // `declared` is known
    DTypePolicy policy;
    std::vector<CallEdges> calls;  // in the order of spec->calls; those of a model called twice follow each other
    WeightSpecs declared;
    Weights weights;      // bound, in declared order and in the variable dtype; empty until bound
    Weights run_weights;  // the same in the dtype `call` reads
};

/// "layer 'sub/conv1' (Conv2D)", the frame under which the problems of a layer are reported.
std::string layer_frame(const GraphLayer& layer);

/// One call of a layer.
struct Node {
    std::size_t layer = 0;                // into Graph::layers
    std::shared_ptr<const Layer> object;  // configured for this call; null if opaque
    std::vector<EdgeId> inputs;           // no_edge where an argument is missing
    std::vector<EdgeId> masks;            // of an explicit `mask` argument, parallel to inputs; or empty
    bool masks_pass_by = false;           // outputs get the masks of the inputs, the call itself sees none
    std::vector<EdgeId> outputs;
};

/// A named input or output of the model.
struct Port {
    std::string name;
    EdgeId edge = 0;
};

struct Graph {
    std::shared_ptr<const ModelSpec> spec;
    std::shared_ptr<const CustomObjects> custom;  // null if the user gave none
    std::vector<GraphLayer> layers;  // the outer model's layers in order, each nested model followed by its layers
    std::vector<Node> nodes;         // in execution order; input layers are not among them
    std::vector<Edge> edges;
    std::vector<Port> inputs;  // in model order, those of row lengths last
    std::vector<Port> outputs;
    std::vector<RowLengths> row_lengths;

    /// Positions in `layers` of the outer model's layers.
    std::vector<std::size_t> top_level;
};

/// The shapes of all edges when the inputs have these shapes; dimensions may be unknown.
Shapes edge_shapes(const Graph& graph, const Shapes& inputs);

/// The place where the object of that layer was first described: its own, unless it is the same as an earlier one.
std::size_t owner_of(const Graph& graph, std::size_t layer);

/// Gives every layer that is the same as an earlier one its weights.
void share_weights(Graph& graph);

/// Two layers that read and write one state: refused where the model is said in a way that makes them separate.
void refuse_shared_states(const Graph& graph, std::string_view where);

/// What stateful layers keep from one run to the next, by position in Graph::layers: tensors in Keras' order.
using States = std::map<std::size_t, Tensors>;

/// The shapes of that, given those of all edges. Layers that keep nothing are left out.
std::map<std::size_t, Shapes> state_shapes(const Graph& graph, const Shapes& edges);

/// Makes the layer objects, wires them, infers shapes and dtypes and asks for the weights. Problems are added, not
/// thrown: a layer with problems becomes opaque and the graph still shows its place.
Graph build_graph(std::shared_ptr<const ModelSpec> spec, std::shared_ptr<const CustomObjects> custom,
                  Problems& problems);

/// Gives every layer its weights of `store`: count, order, name and shape are checked before an array is read
/// (formats.md 1.4, 1.5). Surplus and missing ones are problems, unless `graft` lets layers keep what they have.
/// `read_arrays` false: the checks alone. Returns what was paired with what, also where it does not fit.
Alignment bind_weights(Graph& graph, const WeightStore& store, const Graft& graft, bool read_arrays,
                       Problems& problems);

/// Fills every weight from its initializer, each from a stream of its own derived from `seed`.
void initialize_weights(Graph& graph, std::uint64_t seed);

/// One weight of the graph: which layer, which of its declared ones.
struct WeightIndex {
    std::size_t layer = 0;
    std::size_t weight = 0;
};

/// The weights of one of the outer model's layers in the order of a legacy h5: trainable ones, then the others
/// (formats.md 1.4).
std::vector<WeightIndex> weight_order(const Graph& graph, std::size_t top_level);

/// The bound weights as a file of that layout holds them, named in the dialect of the model. What the layout cannot
/// hold is Code::unsupported.
WeightStore export_weights(const Graph& graph, WeightLayout layout);

/// Sets a layer's weights, in declared order, and derives what `call` reads from them.
void set_layer_weights(GraphLayer& layer, Tensors weights);

/// The dtype in which a tensor of logical dtype `dtype` travels inside a layer call: halves as float32.
DType carrier(DType dtype);

}  // namespace layerctl
