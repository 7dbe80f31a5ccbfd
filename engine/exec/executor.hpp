// Executor: runs a Graph forward, layer by layer, with each layer's reference arithmetic.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/graph/graph.hpp"

namespace layerctl {

/// Holds what one thread needs to run a graph. Several executors may share one graph.
class Executor {
public:
    /// The graph must be complete: no opaque layer, all weights bound; otherwise Code::unsupported or Code::weights.
    explicit Executor(std::shared_ptr<const Graph> graph);

    /// One tensor per input of the graph, batch first, in any numeric dtype; returns one per output.
    /// A wrong count, shape or dtype is Code::input and names the input.
    Tensors run(const Tensors& inputs);

private:
    struct Step;

    void resolve_shapes(const Shapes& inputs);

    std::shared_ptr<const Graph> graph_;
    std::vector<std::vector<EdgeId>> released_;  // edges whose last reader is node i
    Shapes input_shapes_;                        // the shapes `edge_shapes_` was resolved for
    Shapes edge_shapes_;
};

}  // namespace layerctl
