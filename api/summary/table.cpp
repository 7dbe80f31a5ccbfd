// Collects the rows and totals of a summary from a Graph.
#include "api/summary/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <set>
#include <utility>

#include "models/object_names.hpp"

namespace layerctl::summary {
namespace {

bool is_input(const LayerSpec& layer) { return layer.class_name == "InputLayer"; }

// Keras walks depths and nodes; a model of distinct depths with one input per call is a single path.
bool is_sequential_like(const ModelSpec& model) {
    if (model.kind == ModelKind::sequential) return true;
    std::set<std::size_t> read;
    std::size_t starts = 0;
    for (const LayerSpec& layer : model.layers) {
        if (layer.calls.size() > 1) return false;
        const std::vector<TensorRef> tensors =
            layer.calls.empty() ? std::vector<TensorRef>{} : layer.calls[0].tensors();
        if (tensors.size() > 1) return false;
        if (tensors.empty()) ++starts;
        else if (!read.insert(tensors[0].layer).second) return false;
    }
    return starts <= 1;
}

// Keras flattens dictionaries in the order of their keys.
void append_tensors(const Argument& argument, std::vector<TensorRef>& tensors) {
    std::vector<std::size_t> order(argument.items.size());
    std::iota(order.begin(), order.end(), 0);
    if (argument.kind == Argument::Kind::dict)
        std::ranges::sort(order, {}, [&](std::size_t i) { return argument.keys[i]; });
    if (argument.kind == Argument::Kind::tensor) tensors.push_back(argument.tensor);
    for (const std::size_t i : order) append_tensors(argument.items[i], tensors);
}

// Keras 3 flattens keyword arguments in the order of their names, Keras 2 in that of the call.
std::vector<TensorRef> tensors_of(Call call, Dialect dialect) {
    if (dialect == Dialect::keras3) std::ranges::stable_sort(call.kwargs, {}, &std::pair<std::string, Argument>::first);
    std::vector<TensorRef> tensors;
    for (const Argument& argument : call.args) append_tensors(argument, tensors);
    for (const auto& [name, argument] : call.kwargs) append_tensors(argument, tensors);
    return tensors;
}

std::vector<Connection> connections_of(const ModelSpec& model, const LayerSpec& layer) {
    std::vector<Connection> connections;
    if (model.kind == ModelKind::sequential) return connections;
    for (const Call& call : layer.calls)
        for (const TensorRef& ref : tensors_of(call, model.dialect))
            connections.push_back({model.layers[ref.layer].name, ref.node, ref.tensor});
    return connections;
}

OutputShapes shapes_of(const Graph& graph, const std::vector<EdgeId>& edges) {
    OutputShapes shapes;
    for (const EdgeId edge : edges) shapes.push_back(edge == no_edge ? std::nullopt : graph.edges[edge].shape);
    return shapes;
}

// Whether "sub/dense/kernel:0" has a part that is `name`.
bool has_path_part(const std::string& path, const std::string& name) {
    return ("/" + path + "/").find("/" + name + "/") != std::string::npos;
}

// The weights a file stores for one layer of a nested model; it keeps them all in the group of the outermost layer.
WeightGroup stored_part(const WeightGroup& group, const std::string& name) {
    WeightGroup part{name, {}};
    for (const StoredWeight& weight : group.weights)
        if (has_path_part(weight.name, name)) part.weights.push_back(weight);
    return part;
}

// A nested model by itself: `shape` is what it is called on, used if it does not say what it was made for.
ModelSpec standalone(const ModelSpec& nested, const WeightGroup* group, const std::optional<Shape>& shape) {
    ModelSpec model = nested;
    LayerSpec& first = model.layers.front();
    const Value* stated = first.config.find("batch_shape");
    if (first.implicit && shape && (stated == nullptr || stated->is_null())) {
        Value config = first.config.value();
        config.set("batch_shape", ConfigField<std::vector<std::int64_t>>::write(shape->dims()));
        for (Value& dim : *config.find("batch_shape")->array())
            if (dim == Value(Shape::unknown)) dim = nullptr;
        first.config = Config(std::move(config));
    }
    model.weights = {};
    if (group != nullptr)
        for (const LayerSpec& layer : model.layers) model.weights.groups.push_back(stored_part(*group, layer.name));
    return model;
}

/// The weights of one layer of the outer model, those of models nested in it included.
struct LayerTally {
    Tally trainable;
    Tally non_trainable;
    bool has_weights = false;
    bool complete = true;  // false: of some layer nobody can tell what weights it has

    std::int64_t params() const { return trainable.params + non_trainable.params; }
    std::int64_t bytes() const { return trainable.bytes + non_trainable.bytes; }
};

/// The last states of stacked recurrent cells are shown cell by cell.
std::optional<Argument> stacked_outputs(const LayerSpec& layer) {
    const Value* returned = layer.config.find("return_state");
    const Value* cell = layer.config.find("cell");
    const Value* config = cell == nullptr ? nullptr : cell->find("config");
    const Value* cells = config == nullptr ? nullptr : config->find("cells");
    if (returned == nullptr || *returned != Value(true) || cells == nullptr || !cells->array()) return std::nullopt;
    Argument tensor, pair, all;
    tensor.kind = Argument::Kind::tensor;
    pair.kind = all.kind = Argument::Kind::list;
    pair.items = {tensor, tensor};
    all.items = {tensor};
    for (const Value& item : *cells->array()) {
        const Value* name = item.find("class_name");
        all.items.push_back(name != nullptr && *name == Value("LSTMCell") ? pair : tensor);
    }
    return all;
}

class Collector {
public:
    explicit Collector(const Graph& graph) : graph_(graph), model_(*graph.spec), tallies_(model_.layers.size()) {
        for (const GraphLayer& layer : graph.layers) add_declared(layer);
        for (std::size_t i = 0; i < tallies_.size(); ++i)
            if (!tallies_[i].complete) add_stored(i);
    }

    std::vector<Row> rows() const {
        std::vector<Row> rows;
        for (std::size_t i = 0; i < model_.layers.size(); ++i)
            if (!hidden(model_.layers[i])) rows.push_back(row(i));
        return rows;
    }

    void add_totals(Table& table) const {
        for (const LayerTally& tally : tallies_) {
            table.trainable += tally.trainable;
            table.non_trainable += tally.non_trainable;
        }
        table.trainable -= repeated_.trainable;
        table.non_trainable -= repeated_.non_trainable;
    }

private:
    // A Sequential's own list of layers leaves out the InputLayer.
    bool hidden(const LayerSpec& layer) const { return model_.kind == ModelKind::sequential && is_input(layer); }

    // Of an object that stands in several places every row counts the weights once, as do the totals.
    void add_declared(const GraphLayer& layer) {
        const bool in_row = layer.same_as && graph_.layers[*layer.same_as].top_level == layer.top_level;
        if (in_row) return;
        add_declared_to(tallies_[layer.top_level], layer);
        if (layer.same_as) add_declared_to(repeated_, layer);
    }

    static void add_declared_to(LayerTally& tally, const GraphLayer& layer) {
        const bool has_own_weights = layer.spec->model == nullptr && !is_input(*layer.spec);
        if (layer.opaque || (has_own_weights && !layer.built)) tally.complete = false;
        for (const WeightSpec& weight : layer.declared) {
            Tally& part = layer.trainable && weight.trainable ? tally.trainable : tally.non_trainable;
            part.add(weight.shape, weight.dtype.value_or(layer.policy.variable));
            tally.has_weights = true;
        }
    }

    const GraphLayer& outer(std::size_t index) const { return graph_.layers[graph_.top_level[index]]; }

    const WeightGroup* stored_group(const std::string& layer) const {
        for (const WeightGroup& group : model_.weights.groups)
            if (group.layer == layer) return &group;
        return nullptr;
    }

    // What the file stores beyond the weights declared.
    void add_stored(std::size_t index) {
        LayerTally& tally = tallies_[index];
        const WeightGroup* group = stored_group(model_.layers[index].name);
        if (group == nullptr) return;
        Tally all;
        for (const StoredWeight& weight : group->weights) all.add(weight.shape, weight.dtype);
        Tally& part = outer(index).trainable ? tally.trainable : tally.non_trainable;
        part += {std::max<std::int64_t>(0, all.params - tally.params()),
                 std::max<std::int64_t>(0, all.bytes - tally.bytes())};
        tally.has_weights = !group->weights.empty();
        tally.complete = true;
    }

    OutputShapes shown_shapes(const LayerSpec& layer, const CallEdges& call) const {
        OutputShapes outputs = shapes_of(graph_, call.outputs);
        if (model_.dialect != Dialect::keras3) return outputs;
        return keras3_shapes(layer, shapes_of(graph_, call.inputs), std::move(outputs));
    }

    Row row(std::size_t index) const {
        const LayerSpec& layer = model_.layers[index];
        Row row;
        row.name = layer.name;
        row.class_name = python_class(layer.registered_name, layer.class_name, graph_.custom.get());
        row.is_custom = graph_.custom != nullptr && (graph_.custom->layer(layer.registered_name) != nullptr ||
                                                     graph_.custom->layer(layer.class_name) != nullptr);
        row.is_layer = layer.module.find(".ops.") == std::string::npos;
        for (const CallEdges& call : outer(index).calls) row.outputs.push_back(shown_shapes(layer, call));
        if (tallies_[index].complete) row.params = tallies_[index].params();
        row.has_weights = tallies_[index].has_weights;
        row.trainable = layer.trainable();
        row.connections = connections_of(model_, layer);
        row.structure = stacked_outputs(layer);
        if (layer.model != nullptr) add_nested(index, row);
        return row;
    }

    // Layers of a nested model show the shapes it was made with, so it is wired once more by itself.
    void add_nested(std::size_t index, Row& row) const {
        const LayerSpec& layer = model_.layers[index];
        const std::vector<CallEdges>& calls = outer(index).calls;
        std::optional<Shape> shape;
        if (!calls.empty() && !calls[0].inputs.empty()) shape = graph_.edges[calls[0].inputs[0]].shape;
        row.structure = layer.model->outputs;
        Problems problems;
        const Graph nested =
            build_graph(std::make_shared<ModelSpec>(standalone(*layer.model, stored_group(layer.name), shape)),
                        graph_.custom, problems);
        row.layers = Collector(nested).rows();
    }

    const Graph& graph_;
    const ModelSpec& model_;
    std::vector<LayerTally> tallies_;
    LayerTally repeated_;  // what the rows of several layers count
};

}  // namespace

void Tally::add(const Shape& shape, DType dtype) {
    if (!shape.is_known()) return;
    params += shape.elements();
    bytes += shape.elements() * static_cast<std::int64_t>(dtype_size(dtype));
}

Tally& Tally::operator+=(const Tally& other) {
    params += other.params;
    bytes += other.bytes;
    return *this;
}

Tally& Tally::operator-=(const Tally& other) {
    params -= other.params;
    bytes -= other.bytes;
    return *this;
}

Table collect(const Graph& graph) {
    const ModelSpec& model = *graph.spec;
    Table table;
    table.name = model.name;
    table.class_name = model.class_name;
    table.keras_version = model.metadata.keras_version;
    table.sequential_like = is_sequential_like(model);
    const Collector collector(graph);
    table.rows = collector.rows();
    collector.add_totals(table);
    table.optimizer = optimizer_tally(model);
    return table;
}

std::string readable_size(std::int64_t bytes, const std::vector<const char*>& units) {
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size / 1024 >= 1 && unit + 1 < units.size()) {
        size /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", size);
    return std::string(text.data()) + " " + units[unit];
}

}  // namespace layerctl::summary
