// Executor: runs a Graph forward, layer by layer, with each layer's reference arithmetic.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/graph/graph.hpp"

namespace layerctl {

/// What one thread needs to run a graph. Several executors may share one graph.
class Executor {
public:
    /// The graph must be complete: no opaque layer, all weights bound.
    explicit Executor(std::shared_ptr<const Graph> graph);

    /// One tensor per input of the graph, batch first, of any numeric dtype (strings for string inputs); returns one
    /// per output. A wrong count, shape or dtype is Code::input and names the input.
    /// Layers that keep state go on from where the last complete run left them.
    Tensors run(const Tensors& inputs);

    /// Forgets what layers kept: the next run begins with zeros.
    void reset_states() { states_.clear(); }

private:
    Tensor checked_input(std::size_t i, const Tensor& given) const;
    void resolve_shapes(const Shapes& inputs);
    Tensors gather(const Node& node) const;
    void check_built(const Node& node, const Tensors& x) const;
    Tensors outputs(const Node& node, const Tensors& x) const;
    void run_node(std::size_t i);
    void call(const Node& node, const Tensors& x, const Masks& masks, Tensors& y);
    Tensors& state_of(const Node& node, const Tensors& x);
    void take_mask_off(EdgeId edge);

    std::shared_ptr<const Graph> graph_;
    std::vector<std::vector<EdgeId>> last_reads_;  // by node: the edges no later node or output reads
    Shapes input_shapes_;                          // what `edge_shapes_` was resolved for
    Shapes edge_shapes_;
    Tensors edges_;  // live values during a run
    Masks masks_;
    std::map<std::size_t, Tensors> states_;    // by layer, as the last complete run left them
    std::map<std::size_t, Tensors> changing_;  // the same during a run
};

}  // namespace layerctl
