// Plan: a graph prepared for inputs of known shapes — which nodes are computed together by which kernel, and where in
// memory their outputs lie. Immutable; threads share it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/graph.hpp"
#include "engine/kernels/kernel.hpp"

namespace layerctl {

/// What a node does with masks where a kernel computes it.
struct NodeMasks {
    MaskRule rule;
    std::vector<std::size_t> given;  // by output: the input whose mask it gets; beyond all inputs: none
};

/// Nodes of the graph that are computed together.
struct Step {
    std::vector<std::size_t> nodes;        // ascending
    std::shared_ptr<const Kernel> kernel;  // null: each node by its layer's `call`
    bool passes_on = false;                // its output is its input
    bool is_alias = false;                 // the same, and the memory is that of the input, if a kernel computed it
    std::string declined;                  // why there is no kernel, or no faster one
    std::vector<EdgeId> inputs;
    std::vector<EdgeId> outputs;
    std::vector<NodeMasks> masks = {};  // of every node, where there is a kernel
    bool brings_masks = false;          // there may be some after it though there were none before
    Shapes states = {};                 // of what its layer keeps from one run to the next
    bool needs_kernel = false;          // its layers by themselves would compute other shapes
    std::vector<EdgeId> last_reads = {};  // the edges that no later step reads, nor anyone after the run
};

/// What a plan may do; every pass can be left out by its name.
struct PlanOptions {
    bool reference = false;  // every node by its layer's `call`
    bool exact = false;      // nothing that rounds otherwise than sums of products of the given weights
    std::vector<std::string> without = {};
    DType precision = DType::float32;  // of the weights of dense and recurrent layers; or bfloat16, int8

    friend bool operator==(const PlanOptions&, const PlanOptions&) = default;
};

/// The names of all passes, in their order.
const std::vector<std::string_view>& pass_names();

namespace plan {

/// The pass that changes shapes.
inline constexpr std::string_view moving_strides = "move_strides";

}  // namespace plan

struct Plan {
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    Shapes shapes;                    // of all edges; dimensions may be unknown
    std::vector<Step> steps;          // in the order of execution
    std::vector<std::size_t> offset;  // by edge: where its values lie in the arena, in floats; nowhere: not there
    std::size_t arena = 0;            // floats
    std::size_t scratch = 0;          // floats
};

/// `weights`: what plans of this graph with these options packed before. Threads share the packing of many.
Plan make_plan(const Graph& graph, const Shapes& inputs, const PlanOptions& options, PackedWeights::Store& weights,
               Workers& workers);

/// The plans of one graph, made when they are first asked for. Any number of threads may ask.
class Plans {
public:
    Plans(std::shared_ptr<const Graph> graph, PlanOptions options)
        : graph_(std::move(graph)), options_(std::move(options)) {}

    /// For as many threads, if it is made now. Those used last are kept; a server with texts of any length must not
    /// keep one for each.
    std::shared_ptr<const Plan> of(const Shapes& inputs, std::size_t threads);

    /// Threads for kernels to share, as many as that.
    std::shared_ptr<Workers> workers(std::size_t count);

    const std::shared_ptr<const Graph>& graph() const { return graph_; }

private:
    static constexpr std::size_t kept = 16;

    const std::shared_ptr<Workers>& shared_workers(std::size_t count);

    std::shared_ptr<const Graph> graph_;
    PlanOptions options_;
    std::mutex mutex_;
    std::vector<std::pair<Shapes, std::shared_ptr<const Plan>>> plans_;  // the last used last
    PackedWeights::Store weights_;
    std::shared_ptr<Workers> workers_;
};

}  // namespace layerctl
