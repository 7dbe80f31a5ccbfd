// The order in which the calls of a model can run (Kahn's algorithm; ties in the order of the config).
#include <functional>
#include <queue>

#include "models/topology/topology.hpp"

namespace layerctl {
namespace {

std::size_t call_count(const LayerSpec& layer) {
    return layer.calls.empty() && layer.class_name == "InputLayer" ? 1 : layer.calls.size();
}

}  // namespace

std::vector<CallRef> execution_order(const ModelSpec& model) {
    std::vector<CallRef> calls;
    std::vector<std::size_t> first_call;
    for (std::size_t layer = 0; layer < model.layers.size(); ++layer) {
        first_call.push_back(calls.size());
        for (std::size_t node = 0; node < call_count(model.layers[layer]); ++node) calls.push_back({layer, node});
    }
    std::vector<std::vector<std::size_t>> readers(calls.size());
    std::vector<std::size_t> waiting(calls.size(), 0);
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const LayerSpec& layer = model.layers[calls[i].layer];
        if (layer.calls.empty()) continue;
        for (const TensorRef& reference : layer.calls[calls[i].node].tensors()) {
            readers[first_call[reference.layer] + reference.node].push_back(i);
            ++waiting[i];
        }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < calls.size(); ++i)
        if (waiting[i] == 0) ready.push(i);
    std::vector<CallRef> order;
    while (!ready.empty()) {
        const std::size_t next = ready.top();
        ready.pop();
        order.push_back(calls[next]);
        for (const std::size_t reader : readers[next])
            if (--waiting[reader] == 0) ready.push(reader);
    }
    if (order.size() == calls.size()) return order;
    for (std::size_t i = 0; i < calls.size(); ++i)
        if (waiting[i] > 0)
            fail(Code::format, "the layer graph has a cycle through layer '", model.layers[calls[i].layer].name, "'");
    fail(Code::internal, "execution order lost a call");
}

}  // namespace layerctl
