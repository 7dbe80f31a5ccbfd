#include "engine/plan/passes.hpp"

#include <algorithm>

namespace layerctl::plan {

Shapes shapes_of(const std::vector<EdgeId>& edges, const Shapes& shapes) {
    Shapes out;
    for (const EdgeId edge : edges) out.push_back(shapes[edge]);
    return out;
}

bool reads_pixels(const ops::WindowAxes& axes) {
    return std::ranges::all_of(axes, [](const ops::WindowAxis& axis) { return axis.size == 1 && axis.before == 0; });
}

ops::WindowAxes in_place(const ops::WindowAxes& axes) {
    ops::WindowAxes out;
    for (std::size_t i = 0; i < axes.size(); ++i) out[i] = {.in = axes[i].out, .out = axes[i].out};
    return out;
}

std::int64_t weights_of(const GraphLayer& layer) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < layer.run_weights.size(); ++i)
        count += static_cast<std::int64_t>(layer.run_weights.tensor(i).elements());
    return count;
}

Operations::Operations(const Graph& graph, std::vector<Operation> operations, Shapes& shapes)
    : all(std::move(operations)),
      shapes(shapes),
      graph_(graph),
      readers_(graph.edges.size()),
      producer_(graph.edges.size(), all.size()) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const EdgeId edge : all[i].inputs)
            if (edge != no_edge) ++readers_[edge];
        for (const EdgeId edge : all[i].outputs) producer_[edge] = i;
    }
    for (const Port& port : graph.outputs) ++readers_[port.edge];
    for (const Node& node : graph.nodes)
        for (const EdgeId edge : node.masks)
            if (edge != no_edge) ++readers_[edge];
}

Operation* Operations::producer_for_one(EdgeId edge) {
    if (edge == no_edge || readers_[edge] != 1) return nullptr;
    const std::size_t producer = producer_[edge];
    return producer == all.size() || all[producer].outputs.size() != 1 ? nullptr : &all[producer];
}

std::vector<Operation*> Operations::first_readers(EdgeId edge) {
    std::vector<Operation*> readers;
    for (Operation& operation : all)
        if (!operation.inputs.empty() && operation.inputs[0] == edge) readers.push_back(&operation);
    if (readers.size() != readers_[edge]) readers.clear();
    return readers;
}

bool Operations::ignores_masks(const Operation& operation) const {
    return std::ranges::all_of(operation.nodes, [&](std::size_t place) {
        const Layer& layer = *graph_.nodes[place].object;
        return dynamic_cast<const Lowers&>(layer).mask_rule().inputs == MaskRule::Inputs::ignored &&
               !layer.takes_masks_off();
    });
}

void Operations::merge_into_later(Operation& first, Operation& second) {
    std::erase(second.inputs, first.outputs.front());
    second.inputs.insert(second.inputs.begin(), first.inputs.begin(), first.inputs.end());
    second.nodes.insert(second.nodes.begin(), first.nodes.begin(), first.nodes.end());
    second.is_reshaped = second.is_reshaped || first.is_reshaped;
    first = {};
}

Operation* Operations::gate_of(EdgeId edge, EdgeId made) {
    if (edge == made || readers_[made] != 1 || producer_[made] == all.size()) return nullptr;
    Operation& gate = all[producer_[made]];
    const bool is_gate = gate.request && std::holds_alternative<Elementwise>(*gate.request);
    return is_gate && gate.inputs == std::vector{edge} ? &gate : nullptr;
}

void Operations::absorb_gates(std::optional<Activation> (*gated)(const Activation&)) {
    for (Operation& operation : all) {
        const Combine* product = operation.asks_for<Combine>();
        if (product == nullptr || product->kind != Combine::Kind::multiply || operation.inputs.size() != 2) continue;
        if (product->activation.id != Activation::Id::linear) continue;
        for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
            const EdgeId x = operation.inputs[1 - k];
            Operation* gate = gate_of(x, operation.inputs[k]);
            if (gate == nullptr) continue;
            const std::optional<Activation> whole = gated(std::get<Elementwise>(*gate->request).activation);
            if (!whole) continue;
            gate->request = Elementwise{*whole};
            merge(*gate, operation);
            --readers_[x];
            break;
        }
    }
}

void Operations::merge(Operation& first, Operation& second) {
    first.nodes.insert(first.nodes.end(), second.nodes.begin(), second.nodes.end());
    first.outputs = std::move(second.outputs);
    first.is_reshaped = first.is_reshaped || second.is_reshaped;
    for (const EdgeId edge : first.outputs) producer_[edge] = static_cast<std::size_t>(&first - all.data());
    second = {};
}

}  // namespace layerctl::plan
