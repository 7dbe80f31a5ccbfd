// What a Lambda layer computes, call by call. Internal to api.
#pragma once

#include "engine/expressions/trace.hpp"
#include "engine/graph/graph.hpp"
#include "models/dialects/dialects.hpp"

namespace layerctl {

/// The calls of one Lambda layer of a graph.
class LambdaCalls {
public:
    LambdaCalls(const Graph& graph, std::size_t layer) : graph_(graph), layer_(graph.layers[layer]), index_(layer) {}

    /// What call number `call` computes: the operations that its results need, each result an output of its own. What
    /// operations between layers do not do in its place (casts, rows of unequal length) is Code::unsupported.
    expressions::Trace trace(std::size_t call) const;

    /// A step of that trace as a call between layers.
    dialects::FunctionCall function_call(const expressions::Trace& trace, const expressions::TracedOp& step,
                                         std::size_t call) const;

private:
    OutputSpec inputs_of(const CallEdges& call) const;
    const expressions::Traceable& traceable(const CallEdges& call) const;
    void check_results(const expressions::Trace& trace, const OutputSpec& inputs, const CallEdges& call) const;

    const Graph& graph_;
    const GraphLayer& layer_;
    std::size_t index_;
};

}  // namespace layerctl
