// The order of a Functional's layers. Keras works it out anew from the wiring whenever it makes the model (map_graph),
// and pairs stored weights with layers in that order.
#include <algorithm>
#include <limits>
#include <map>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// The tensors inside as Keras flattens them: dicts in the order of their keys.
void flatten(const Argument& argument, std::vector<TensorRef>& tensors) {
    if (argument.kind == Argument::Kind::tensor) tensors.push_back(argument.tensor);
    if (argument.kind == Argument::Kind::list)
        for (const Argument& item : argument.items) flatten(item, tensors);
    if (argument.kind != Argument::Kind::dict) return;
    std::map<std::string_view, const Argument*> sorted;
    for (std::size_t i = 0; i < argument.items.size(); ++i) sorted.emplace(argument.keys[i], &argument.items[i]);
    for (const auto& [key, item] : sorted) flatten(*item, tensors);
}

std::vector<TensorRef> flattened(const Call& call) {
    std::vector<TensorRef> tensors;
    for (const Argument& argument : call.args) flatten(argument, tensors);
    std::map<std::string_view, const Argument*> sorted;
    for (const auto& [name, argument] : call.kwargs) sorted.emplace(name, &argument);
    for (const auto& [name, argument] : sorted) flatten(*argument, tensors);
    return tensors;
}

/// The way back from the outputs, depth first.
class WayBack {
public:
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    explicit WayBack(const ModelSpec& model) : met(model.layers.size(), never), model_(model) {
        for (const LayerSpec& layer : model.layers) entered_.emplace_back(std::max<std::size_t>(layer.calls.size(), 1));
        std::vector<TensorRef> outputs;
        flatten(model.outputs, outputs);
        for (const TensorRef& output : outputs) walk(output);
    }

    struct Visit {
        CallRef call;
        std::vector<TensorRef> reads;
        std::size_t next = 0;
    };
    std::vector<Visit> done;       // each after those it reads from
    std::vector<std::size_t> met;  // when, by layer

private:
    void walk(const TensorRef& output) {
        std::vector<Visit> open;
        enter(output, open);
        while (!open.empty()) {
            Visit& last = open.back();
            if (last.next < last.reads.size()) {
                const TensorRef read = last.reads[last.next++];
                enter(read, open);
            } else {
                done.push_back(std::move(last));
                open.pop_back();
            }
        }
    }

    void enter(const TensorRef& tensor, std::vector<Visit>& open) {
        if (entered_[tensor.layer][tensor.node]) return;
        entered_[tensor.layer][tensor.node] = true;
        if (met[tensor.layer] == never) met[tensor.layer] = count_++;
        const std::vector<Call>& calls = model_.layers[tensor.layer].calls;
        open.push_back({{tensor.layer, tensor.node},
                        calls.empty() ? std::vector<TensorRef>() : flattened(calls[tensor.node])});
    }

    const ModelSpec& model_;
    std::vector<std::vector<bool>> entered_;
    std::size_t count_ = 0;
};

/// The most calls between a layer and an output. All calls of a layer are as far as the farthest seen so far.
std::vector<std::size_t> distances(const ModelSpec& model, const WayBack& way) {
    std::vector<std::size_t> of_layer(model.layers.size(), 0);
    std::vector<std::vector<std::size_t>> of_call;
    for (const LayerSpec& layer : model.layers) of_call.emplace_back(std::max<std::size_t>(layer.calls.size(), 1));
    for (auto visit = way.done.rbegin(); visit != way.done.rend(); ++visit) {
        std::size_t& distance = of_layer[visit->call.layer];
        distance = std::max(distance, of_call[visit->call.layer][visit->call.node]);
        for (const TensorRef& read : visit->reads) {
            std::size_t& before = of_call[read.layer][read.node];
            before = std::max(before, distance + 1);
        }
    }
    return of_layer;
}

}  // namespace

// Keras leaves out what leads to no output, but for inputs; such layers come last.
std::vector<std::size_t> layer_order(const ModelSpec& model) {
    const WayBack way(model);
    const std::vector<std::size_t> distance = distances(model, way);
    std::vector<std::size_t> order, unread, rest;
    std::vector<bool> placed(model.layers.size());
    for (const TensorRef& input : model.inputs.tensors()) {
        if (way.met[input.layer] == WayBack::never && !placed[input.layer]) unread.push_back(input.layer);
        placed[input.layer] = true;
    }
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        if (way.met[i] != WayBack::never) order.push_back(i);
        else if (!placed[i]) rest.push_back(i);
    }
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return distance[a] != distance[b] ? distance[a] > distance[b] : way.met[a] < way.met[b];
    });
    const auto nearest = std::ranges::find(order, std::size_t{0}, [&](std::size_t i) { return distance[i]; });
    order.insert(nearest, unread.begin(), unread.end());
    order.insert(order.end(), rest.begin(), rest.end());
    return order;
}

}  // namespace layerctl::dialects
