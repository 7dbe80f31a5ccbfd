// The passes over the requests of a graph, before kernels are chosen. One file each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/graph/graph.hpp"
#include "engine/lowering.hpp"

namespace layerctl::plan {

/// A node, or several that became one.
struct Operation {
    std::vector<std::size_t> nodes;  // of the graph, ascending; none: it was taken into another
    std::optional<Request> request;  // nothing: by reference
    std::string declined;
    std::vector<EdgeId> inputs;
    std::vector<EdgeId> outputs;
    bool is_reshaped = false;  // the shape of an input or output is not that of the graph: a kernel must compute it

    /// What it asks for, if that is an R; null otherwise.
    template <class R>
    R* asks_for() {
        return request ? std::get_if<R>(&*request) : nullptr;
    }
};

/// Whether windows are single pixels of the image itself.
bool reads_pixels(const ops::WindowAxes& axes);

/// Windows that are the pixels of an image as large as the output, each in its own place.
ops::WindowAxes in_place(const ops::WindowAxes& axes);

/// Those of some edges.
Shapes shapes_of(const std::vector<EdgeId>& edges, const Shapes& shapes);

/// How many numbers the weights of a layer have.
std::int64_t weights_of(const GraphLayer& layer);

/// All operations, in the order of execution, and who reads what.
class Operations {
public:
    /// `shapes` of all edges; passes may change them.
    Operations(const Graph& graph, std::vector<Operation> operations, Shapes& shapes);

    /// Every operation that asks for an R, alone in reading what another computes: `absorb(request of that one, R)` may
    /// take it in, and says whether it did.
    template <class R, class Absorb>
    void absorb_each(const Absorb& absorb) {
        for (Operation& operation : all) {
            const R* request = operation.asks_for<R>();
            const bool is_single = request != nullptr && operation.inputs.size() == 1;
            Operation* producer = is_single ? producer_for_one(operation.inputs[0]) : nullptr;
            if (producer != nullptr && producer->request && absorb(*producer->request, *request))
                merge(*producer, operation);
        }
    }

    /// Every product of x and f(x), alone in reading f(x): is activation `gated(f)` of x, if there is one.
    void absorb_gates(std::optional<Activation> (*gated)(const Activation&));

    /// The operation that computes this edge alone, if there is one reader of it; null otherwise.
    Operation* producer_for_one(EdgeId edge);

    /// All that read an edge as their first input; none if it is read in another way, too.
    std::vector<Operation*> first_readers(EdgeId edge);

    /// Whether its kernel computes it whatever masks there are.
    bool ignores_masks(const Operation& operation) const;

    /// Computes `first`, which makes an input of `second` alone, as part of that one: its inputs, then the others.
    void merge_into_later(Operation& first, Operation& second);

    std::vector<Operation> all;
    Shapes& shapes;

private:
    /// The operation that computes f(edge), an activation, to be read by one alone; null if `made` is something else.
    Operation* gate_of(EdgeId edge, EdgeId made);

    /// Computes `second` as part of `first`, which it follows.
    void merge(Operation& first, Operation& second);

    const Graph& graph_;
    std::vector<std::size_t> readers_;   // by edge: how many operations and outputs of the model read it
    std::vector<std::size_t> producer_;  // by edge; the number of operations if it is an input
};

/// Activations written as a product with a gate.
void fuse_gates(Operations& operations);

/// Zeros around what a convolution reads: into its geometry.
void absorb_padding(Operations& operations);

/// Scale behind a product or a convolution: into their weights.
void fold_scale(Operations& operations);

/// A factor for every channel before single pixels are multiplied: into the weights.
void fold_gate(Operations& operations);

/// A sum of two of which one is a product or a convolution: into that one.
void fuse_add(Operations& operations);

/// An activation behind something that has none yet.
void fuse_activation(Operations& operations);

/// Pixels that nobody reads: not computed.
void move_strides(Operations& operations);

/// Products of single pixels before and behind a depthwise convolution: computed with it.
void fuse_depthwise(Operations& operations);

}  // namespace layerctl::plan
