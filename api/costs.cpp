// What the layers of a model take: products and bytes, from shapes alone, the kernels chosen for them, and time, of a
// run that is watched.
#include <map>

#include "api/state.hpp"
#include "engine/counts_macs.hpp"

namespace layerctl {
namespace {

using Count = std::optional<std::int64_t>;

Count sum(const Count& a, const Count& b) {
    if (!a || !b) return {};
    return *a + *b;
}

/// The shapes a call reads; nothing if one is not known. An argument that is missing has the shape of a scalar.
std::optional<Shapes> known_shapes(const std::vector<EdgeId>& edges, const Shapes& shapes) {
    Shapes found;
    for (const EdgeId edge : edges) {
        found.push_back(edge == no_edge ? Shape() : shapes[edge]);
        if (!found.back().is_known()) return {};
    }
    return found;
}

Count macs_of(const Node& node, const Shapes& shapes) {
    const auto* counting = dynamic_cast<const CountsMacs*>(node.object.get());
    const std::optional<Shapes> in = known_shapes(node.inputs, shapes);
    return counting == nullptr || !in ? std::nullopt : counting->macs(*in);
}

Count bytes_of(const Graph& graph, const Node& node, const Shapes& shapes) {
    std::int64_t bytes = 0;
    for (const std::vector<EdgeId>* edges : {&node.inputs, &node.outputs})
        for (const EdgeId edge : *edges) {
            if (edge == no_edge) continue;
            const DType dtype = graph.edges[edge].dtype;
            if (dtype == DType::string || !shapes[edge].is_known()) return {};
            bytes += shapes[edge].elements() * static_cast<std::int64_t>(dtype_size(dtype));
        }
    const Weights& weights = graph.layers[node.layer].weights;
    for (std::size_t i = 0; i < weights.size(); ++i) bytes += static_cast<std::int64_t>(weights.tensor(i).byte_size());
    return bytes;
}

/// By layer of the graph: its place among those that compute, in the order of execution.
std::vector<std::size_t> places(const Graph& graph) {
    std::vector<std::size_t> place(graph.layers.size(), graph.layers.size());
    std::size_t next = 0;
    for (const Node& node : graph.nodes)
        if (place[node.layer] == graph.layers.size()) place[node.layer] = next++;
    return place;
}

class SpanRecorder final : public RunObserver {
public:
    SpanRecorder(const Graph& graph, std::vector<LayerSpan>& spans)
        : graph_(graph), place_(places(graph)), spans_(spans) {}

    void begin(std::size_t node) override {
        spans_.push_back({place_[graph_.nodes[node].layer], std::chrono::steady_clock::now(), {}});
    }
    void end(std::size_t) override { spans_.back().end = std::chrono::steady_clock::now(); }

private:
    const Graph& graph_;
    std::vector<std::size_t> place_;
    std::vector<LayerSpan>& spans_;
};

}  // namespace

Tensors Context::predict(const Tensors& inputs, std::vector<LayerSpan>& spans) {
    SpanRecorder recorder(*impl_->graph, spans);
    return impl_->executor.run({inputs, {}}, &recorder).tensors;
}

std::vector<LayerKernel> Context::kernels(const std::vector<Shape>& inputs) const {
    const Graph& graph = *impl_->graph;
    const std::vector<std::size_t> place = places(graph);
    std::map<std::size_t, LayerKernel> by_layer;
    for (const Step& step : impl_->executor.plan(inputs)->steps) {
        const std::size_t first = place[graph.nodes[step.nodes.front()].layer];
        for (const std::size_t node : step.nodes) {
            const std::size_t layer = place[graph.nodes[node].layer];
            LayerKernel chosen{step.is_alias            ? "view"
                               : step.kernel == nullptr ? ""
                                                        : step.kernel->name(),
                               step.declined,
                               {}};
            if (layer != first) chosen = {chosen.kernel, "", first};
            by_layer.emplace(layer, std::move(chosen));
        }
    }
    std::vector<LayerKernel> kernels;
    for (auto& [layer, chosen] : by_layer) kernels.push_back(std::move(chosen));
    return kernels;
}

std::vector<LayerCost> Model::costs(const std::vector<Shape>& inputs) const {
    const Graph& graph = *state_->graph;
    if (!state_->problems.empty()) throw Error(state_->problems);
    if (inputs.size() != graph.inputs.size())
        fail(Code::input, "wanted the shapes of ", graph.inputs.size(), " inputs, found ", inputs.size());
    const Shapes shapes = edge_shapes(graph, inputs);
    const std::vector<std::size_t> place = places(graph);
    std::vector<LayerCost> costs;
    for (const Node& node : graph.nodes) {
        const GraphLayer& layer = graph.layers[node.layer];
        if (place[node.layer] == costs.size()) costs.push_back({layer.path, layer.spec->class_name, 0, 0, 0});
        LayerCost& cost = costs[place[node.layer]];
        ++cost.calls;
        cost.macs = sum(cost.macs, macs_of(node, shapes));
        cost.bytes = sum(cost.bytes, bytes_of(graph, node, shapes));
    }
    return costs;
}

}  // namespace layerctl
