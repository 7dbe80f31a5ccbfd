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
};

/// Those of some edges.
Shapes shapes_of(const std::vector<EdgeId>& edges, const Shapes& shapes);

/// How many numbers the weights of a layer have.
std::int64_t weights_of(const GraphLayer& layer);

/// All operations, in the order of execution, and who reads what.
class Operations {
public:
    Operations(const Graph& graph, std::vector<Operation> operations);

    /// Every operation that asks for an R, alone in reading what another computes: `absorb(request of that one, R)` may
    /// take it in, and says whether it did.
    template <class R, class Absorb>
    void absorb_each(const Absorb& absorb) {
        for (Operation& operation : all) {
            const R* request = operation.request ? std::get_if<R>(&*operation.request) : nullptr;
            Operation* producer = request == nullptr ? nullptr : only_producer(operation);
            if (producer != nullptr && producer->request && absorb(*producer->request, *request))
                merge(*producer, operation);
        }
    }

    /// Every product of x and f(x), alone in reading f(x): is activation `gated(f)` of x, if there is one.
    void absorb_gates(std::optional<Activation> (*gated)(const Activation&));

    std::vector<Operation> all;

private:
    /// The operation that computes f(edge), an activation, to be read by one alone; null if `made` is something else.
    Operation* gate_of(EdgeId edge, EdgeId made);

    /// The operation whose output is the only input of that one, if nobody else reads it; null otherwise.
    Operation* only_producer(const Operation& of);

    /// Computes `second` as part of `first`, which it follows.
    void merge(Operation& first, Operation& second);

    std::vector<std::size_t> readers_;   // by edge: how many operations and outputs of the model read it
    std::vector<std::size_t> producer_;  // by edge; the number of operations if it is an input
};

/// Activations written as a product with a gate.
void fuse_gates(Operations& operations);

/// Zeros around what a convolution reads: into its geometry.
void absorb_padding(Operations& operations);

/// Scale behind a product or a convolution: into their weights.
void fold_scale(Operations& operations);

/// An activation behind something that has none yet.
void fuse_activation(Operations& operations);

/// Products of single pixels before and behind a depthwise convolution: computed with it.
void fuse_depthwise(Operations& operations);

}  // namespace layerctl::plan
