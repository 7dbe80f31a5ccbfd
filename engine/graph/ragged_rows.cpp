#include "engine/graph/ragged_rows.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace layerctl {
namespace {

/// Layers of Keras 2 that take ragged tensors. `unless` are the config values with which they do not, or with which
/// what lies behind the end of a row would count.
struct RaggedLayer {
    std::string_view class_name;
    bool is_recurrent;  // its output is ragged if it returns sequences
    std::array<std::string_view, 4> unless;
};
constexpr std::array ragged_layers = {
    RaggedLayer{"Embedding", false, {"mask_zero"}},
    RaggedLayer{"Dense", false, {}},
    RaggedLayer{"SimpleRNN", true, {"go_backwards", "stateful", "unroll", "time_major"}},
    RaggedLayer{"LSTM", true, {"go_backwards", "stateful", "unroll", "time_major"}},
    RaggedLayer{"GRU", true, {"go_backwards", "stateful", "unroll", "time_major"}},
};

bool is_set(const LayerSpec& layer, std::string_view key) {
    const Value* value = layer.config.find(std::string(key));
    return value != nullptr && *value == Value(true);
}

const RaggedLayer& entry_of(const LayerSpec& layer) {
    const auto* const found = std::ranges::find(ragged_layers, layer.class_name, &RaggedLayer::class_name);
    if (found == ragged_layers.end()) fail(Code::unsupported, "its input has rows of unequal length (ragged)");
    for (const std::string_view key : found->unless)
        if (!key.empty() && is_set(layer, key))
            fail(Code::unsupported, "config key '", key, "': wanted false for rows of unequal length (ragged)");
    return *found;
}

}  // namespace

void add_row_lengths(Graph& graph, const LayerSpec& input, EdgeId values) {
    if (graph.spec->dialect != Dialect::keras2 || !is_set(input, "ragged")) return;
    Edge& edge = graph.edges[values];
    const std::vector<std::int64_t> dims = edge.shape->dims();
    const bool one_dimension = dims.size() >= 2 && dims[1] == Shape::unknown &&
                               std::count(dims.begin() + 1, dims.end(), Shape::unknown) == 1;
    if (!one_dimension)
        fail(Code::unsupported, "ragged: wanted a shape with only its second dimension open, found ", *edge.shape);
    edge.ragged = true;
    graph.row_lengths.push_back({values, graph.edges.size()});
    graph.edges.push_back({Shape({Shape::unknown}), DType::int64});
}

void check_nested_input(const Graph& graph, const LayerSpec& input, EdgeId given) {
    if (graph.spec->dialect == Dialect::keras2 && is_set(input, "ragged") != graph.edges[given].ragged)
        fail(Code::unsupported, "ragged: ", is_set(input, "ragged") ? "true" : "false",
             ", and it is given a tensor that is not so");
}

void pass_ragged_rows(Graph& graph, const Node& node) {
    const auto is_ragged = [&](EdgeId edge) { return edge != no_edge && graph.edges[edge].ragged; };
    if (std::ranges::none_of(node.inputs, is_ragged)) return;
    const LayerSpec& layer = *graph.layers[node.layer].spec;
    const RaggedLayer& entry = entry_of(layer);
    if (!node.masks.empty()) fail(Code::unsupported, "a mask beside rows of unequal length (ragged)");
    const bool dense = entry.is_recurrent && !is_set(layer, "return_sequences");
    graph.edges[node.outputs.front()].ragged = !dense;
}

void refuse_ragged_outputs(const Graph& graph) {
    for (const Port& port : graph.outputs)
        if (graph.edges[port.edge].ragged)
            fail(Code::unsupported, "output '", port.name, "': its rows are of unequal length (ragged), and no array");
}

Tensor mask_of_rows(const Tensor& row_lengths, const Shape& values) {
    const std::int64_t rows = values.dims()[0], steps = values.dims()[1];
    const Tensor lengths = row_lengths.cast(DType::int64);
    if (lengths.shape() != Shape({rows}))
        fail(Code::input, "wanted shape ", Shape({rows}), ", one length for each row, found ", lengths.shape());
    Tensor mask(DType::boolean, Shape({rows, steps}));
    const auto bits = mask.mutable_values<bool>();
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t length = lengths.values<std::int64_t>()[static_cast<std::size_t>(row)];
        if (length < 0 || length > steps)
            fail(Code::input, "row ", row, ": wanted a length of 0 to ", steps, ", found ", length);
        std::fill_n(bits.begin() + row * steps, length, true);
    }
    return mask;
}

}  // namespace layerctl
