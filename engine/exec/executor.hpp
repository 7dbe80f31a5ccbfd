// Executor: runs a Graph forward, layer by layer, with each layer's reference arithmetic.
#pragma once

#include <memory>
#include <vector>

#include "engine/graph/graph.hpp"

namespace layerctl {

/// What flows into a run or out of it. `masks` is empty or as long as `tensors`.
struct Flow {
    Tensors tensors;
    Masks masks;
};

/// Is told where a run is: nodes by their place in Graph::nodes, one after the other.
class RunObserver {
public:
    virtual ~RunObserver() = default;
    virtual void begin(std::size_t node) = 0;
    virtual void end(std::size_t node) = 0;
};

/// What one thread needs to run a graph. Several executors may share one graph.
class Executor {
public:
    /// The graph must be complete: no opaque layer, all weights bound.
    explicit Executor(std::shared_ptr<const Graph> graph);

    /// One tensor per input of the graph, batch first, of any numeric dtype (strings for string inputs); returns one
    /// per output. A wrong count, shape or dtype is Code::input and names the input.
    /// Layers that keep state go on from where the last complete run left them.
    Tensors run(const Tensors& inputs) { return run(Flow{inputs, {}}).tensors; }

    /// The same with masks, watched by `observer` unless it is null.
    Flow run(const Flow& inputs, RunObserver* observer = nullptr);

    /// What stateful layers keep, as the last complete run left it. Of a layer that has not run yet: zeros, or nothing
    /// while the batch size is unknown.
    States states() const;

    /// What they find in the next run instead; layers left out begin with zeros. A layer that keeps nothing, or another
    /// number or other shapes than it keeps: Code::input.
    void set_states(const States& states);

private:
    Tensor checked_input(std::size_t i, const Tensor& given) const;
    void mask_ragged_rows();
    void resolve_shapes(const Shapes& inputs);
    std::map<std::size_t, Shapes> declared_states() const;
    Tensors gather(const Node& node) const;
    void check_built(const Node& node, const Tensors& x) const;
    Tensors outputs(const Node& node, const Tensors& x) const;
    Masks masks_of(const Node& node) const;
    void run_node(const Node& node);
    Tensors& state_of(const Node& node, const Tensors& x);
    void take_mask_off(EdgeId edge);

    std::shared_ptr<const Graph> graph_;
    std::vector<std::vector<EdgeId>> last_reads_;  // by node: the edges no later node or output reads
    Shapes input_shapes_;                          // what `edge_shapes_` was resolved for
    Shapes edge_shapes_;
    Tensors edges_;  // live values during a run
    Masks masks_;
    States states_;    // as the last complete run left them
    States changing_;  // the same during a run
};

}  // namespace layerctl
