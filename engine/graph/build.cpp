// ModelSpec -> Graph: one object per layer call, nested models unfolded in place, shapes inferred on the way.
#include <algorithm>
#include <charconv>
#include <map>

#include "engine/announced_shape.hpp"
#include "engine/configured_layer.hpp"
#include "engine/dtype_policy.hpp"
#include "engine/graph/arguments.hpp"
#include "engine/graph/graph.hpp"
#include "engine/graph/ragged_rows.hpp"
#include "engine/graph/shared_layers.hpp"
#include "engine/heeds_call.hpp"
#include "models/limits.hpp"
#include "models/training_objects.hpp"

namespace layerctl {
namespace {

/// The node of the operation that an entry stands for; nullptr if it is a layer. Some operations of Keras 3 share their
/// names with layers (Add, Reshape, Softmax). The module tells them apart; h5 files do not name it, but every layer's
/// config says whether it is trainable and no operation's does.
std::unique_ptr<Layer> operation_of(const LayerSpec& spec, Dialect dialect) {
    if (dialect != Dialect::keras3 || (!spec.registered_name.empty() && spec.registered_name != spec.class_name))
        return nullptr;
    const bool by_module =
        spec.module.starts_with("keras.src.ops.") || spec.module.starts_with("keras.src.activations.");
    const bool maybe = spec.module.empty() && spec.config.find("trainable") == nullptr;
    if (!by_module && !maybe) return nullptr;
    std::unique_ptr<Layer> node = make_operation(spec.class_name);
    if (by_module && node == nullptr) fail_unknown_operation(spec.class_name);
    return node;
}

/// 12 of "3.12.0".
int minor_version(std::string_view keras_version) {
    int minor = 0;
    const char* const end = keras_version.data() + keras_version.size();
    const std::size_t dot = keras_version.find('.');
    const bool found =
        dot != std::string_view::npos && std::from_chars(keras_version.data() + dot + 1, end, minor).ec == std::errc();
    return found ? minor : AnnouncesShape::newest_minor;
}

class Builder {
public:
    Builder(Graph& graph, Problems& problems) : graph_(graph), problems_(problems) {}

    void build() {
        register_layers(*graph_.spec, "", true, 0, true);
        find_shared_layers(graph_);
        std::vector<EdgeId> inputs;
        for (const TensorRef& reference : graph_.spec->inputs.tensors())
            inputs.push_back(input_edge(graph_.spec->layers[reference.layer]));
        const std::vector<EdgeId> outputs = unfold(*graph_.spec, inputs);
        name_ports(graph_.spec->inputs, inputs, graph_.inputs);
        name_ports(graph_.spec->outputs, outputs, graph_.outputs);
        name_row_lengths();
        problems_.attempt([&] { refuse_ragged_outputs(graph_); });
        check_shared_layers(graph_, problems_);
    }

private:
    void register_layers(const ModelSpec& model, const std::string& prefix, bool trainable, std::size_t top_level,
                         bool outer) {
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            const LayerSpec& spec = model.layers[i];
            if (graph_.layers.size() >= limits::layers) fail(Code::refused, "more than ", limits::layers, " layers");
            ids_.emplace(&spec, graph_.layers.size());
            if (outer) graph_.top_level.push_back(graph_.layers.size());
            GraphLayer layer;
            layer.spec = &spec;
            layer.path = prefix + spec.name;
            layer.top_level = outer ? i : top_level;
            layer.trainable = trainable && spec.trainable();
            const bool inner_trainable = layer.trainable;
            const std::size_t owner = layer.top_level;
            graph_.layers.push_back(std::move(layer));
            if (spec.model != nullptr)
                register_layers(*spec.model, prefix + spec.name + "/", inner_trainable, owner, false);
        }
    }

    EdgeId new_edge(std::optional<Shape> shape, DType dtype) {
        graph_.edges.push_back({std::move(shape), dtype});
        return graph_.edges.size() - 1;
    }

    GraphLayer& layer_of(const LayerSpec& spec) { return graph_.layers[ids_.at(&spec)]; }

    /// Runs `action` with the layer's frame; a problem makes the layer opaque.
    template <class Action>
    bool attempt(const LayerSpec& spec, const Action& action) {
        const bool fine = problems_.attempt([&] { in_context(layer_frame(layer_of(spec)), action); });
        if (!fine) layer_of(spec).opaque = true;
        return fine;
    }

    EdgeId input_edge(const LayerSpec& spec) {
        const EdgeId edge = new_edge(std::nullopt, DType::float32);
        attempt(spec, [&] {
            const std::shared_ptr<const Layer> object = make_object(spec, Call{});
            graph_.edges[edge] = {object->compute_output_shape({}).front(), object->compute_output_dtype({}).front()};
            add_row_lengths(graph_, spec, edge);
        });
        return edge;
    }

    /// Calls without options share one object: a layer called often is configured once.
    std::shared_ptr<const Layer> make_object(const LayerSpec& spec, const Call& call) {
        if (const auto made = plain_.find(&spec); made != plain_.end() && options_of(call).object()->empty())
            return made->second;
        std::shared_ptr<Layer> object = operation_of(spec, graph_.spec->dialect);
        const bool operation = object != nullptr;
        const DTypePolicy policy = layer_of(spec).policy = operation ? DTypePolicy{} : dtype_policy(spec.config);
        const LayerContext context{spec.name, graph_.spec->dialect, policy.compute, policy.variable,
                                   graph_.custom.get()};
        if (operation) configure(*object, spec.config, context);
        else object = configured_layer(spec.class_name, spec.registered_name, spec.config, context);
        if (auto* const heeding = dynamic_cast<HeedsCall*>(object.get()))
            heeding->written_by(graph_.spec->metadata.keras_version);
        Problems problems;
        check_training_objects(spec.config.value(), problems);
        problems.throw_if_any();
        if (object->binds_call()) {
            object->bind_call(call);
        } else {
            const Config options(options_of(call));
            read_call_options(*object, options);
            if (options.value().object()->empty()) plain_.emplace(&spec, object);
        }
        return object;
    }

    Value options_of(const Call& call) const { return call_options(call, graph_.spec->dialect); }

    void read_call_options(Layer& object, const Config& options) {
        ConfigReader reader(options, object.context().scope());
        object.call_config(reader);
        reader.finish();
        in_context("call", [&] { reader.problems().throw_if_any(); });
    }

    /// Edges of one model's layers during one unfolding: [layer][call] -> outputs.
    using Wiring = std::vector<std::vector<std::vector<EdgeId>>>;

    std::vector<EdgeId> unfold(const ModelSpec& model, const std::vector<EdgeId>& inputs) {
        Wiring wiring(model.layers.size());
        const std::vector<TensorRef> input_references = model.inputs.tensors();
        for (std::size_t i = 0; i < input_references.size(); ++i) {
            wiring[input_references[i].layer] = {{inputs[i]}};
            layer_of(model.layers[input_references[i].layer]).calls.push_back({{}, {inputs[i]}});
        }
        report_unwired(model, wiring);
        for (const CallRef& call : execution_order(model)) {
            const LayerSpec& spec = model.layers[call.layer];
            if (spec.calls.empty()) continue;
            CallEdges edges = unfold_call(model, spec, call, wiring);
            wiring[call.layer].resize(std::max(wiring[call.layer].size(), call.node + 1));
            wiring[call.layer][call.node] = edges.outputs;
            layer_of(spec).calls.push_back(std::move(edges));
        }
        return resolve(model, model.outputs.tensors(), wiring);
    }

    void report_unwired(const ModelSpec& model, Wiring& wiring) {
        for (std::size_t i = 0; i < model.layers.size(); ++i) {
            const LayerSpec& spec = model.layers[i];
            if (!spec.calls.empty() || !wiring[i].empty()) continue;
            attempt(spec, [&] {
                fail(Code::config,
                     spec.class_name == "InputLayer" ? "is not among the model's inputs" : "is never called");
            });
            wiring[i] = {{new_edge(std::nullopt, DType::float32)}};
        }
    }

    std::vector<EdgeId> resolve(const ModelSpec& model, const std::vector<TensorRef>& references,
                                const Wiring& wiring) {
        std::vector<EdgeId> edges;
        for (const TensorRef& reference : references) {
            const std::vector<EdgeId>& outputs = wiring[reference.layer][reference.node];
            if (reference.tensor < outputs.size()) {
                edges.push_back(outputs[reference.tensor]);
                continue;
            }
            problems_.add(
                Error(Code::config, cat("wanted output ", reference.tensor, " of layer '",
                                        model.layers[reference.layer].name, "', which has ", outputs.size())));
            edges.push_back(new_edge(std::nullopt, DType::float32));
        }
        return edges;
    }

    CallEdges unfold_call(const ModelSpec& model, const LayerSpec& spec, const CallRef& call, const Wiring& wiring) {
        const auto edge_of = [&](const TensorRef& reference) { return resolve(model, {reference}, wiring).front(); };
        if (spec.model != nullptr) return unfold_nested(spec, spec.calls[call.node], edge_of);
        CallEdges edges = add_node(spec, spec.calls[call.node], edge_of);
        if (edges.outputs.empty()) {
            for (std::size_t i = 0; i < referenced_outputs(model, call); ++i)
                edges.outputs.push_back(new_edge(std::nullopt, DType::float32));
            graph_.nodes.back().outputs = edges.outputs;
        }
        return edges;
    }

    template <class EdgeOf>
    CallEdges unfold_nested(const LayerSpec& spec, const Call& call, const EdgeOf& edge_of) {
        CallEdges edges;
        std::vector<TensorRef> wanted = spec.model->inputs.tensors();
        std::vector<EdgeId> taken;
        const bool fine = attempt(spec, [&] {
            edges.inputs = nested_inputs(*spec.model, call, graph_.spec->dialect, edge_of);
            if (edges.inputs.size() != wanted.size())
                fail(Code::config, "wanted ", wanted.size(), " inputs, found ", edges.inputs.size());
            for (std::size_t i = 0; i < wanted.size(); ++i)
                taken.push_back(nested_input(spec.model->layers[wanted[i].layer], edges.inputs[i]));
        });
        if (!fine) taken = edges.inputs = {wanted.size(), new_edge(std::nullopt, DType::float32)};
        edges.outputs = unfold(*spec.model, taken);
        return edges;
    }

    /// An input layer inside casts what it is given to its own dtype.
    EdgeId nested_input(const LayerSpec& input, EdgeId given) {
        check_nested_input(graph_, input, given);
        const Edge edge = graph_.edges[given];
        if (input.implicit || !edge.shape) return given;
        const std::shared_ptr<const Layer> object = make_object(input, Call{});
        const DType dtype = object->compute_output_dtype({edge.dtype}).front();
        if (dtype == edge.dtype) return given;
        Node node;
        node.layer = ids_.at(&input);
        node.object = object;
        node.inputs = {given};
        node.outputs = {new_edge(edge.shape, dtype)};
        graph_.nodes.push_back(node);
        return node.outputs.front();
    }

    /// Number of outputs that other calls and the model read from a call; for one that cannot tell itself.
    static std::size_t referenced_outputs(const ModelSpec& model, const CallRef& call) {
        std::size_t count = 1;
        const auto look = [&](const TensorRef& reference) {
            if (reference.layer == call.layer && reference.node == call.node)
                count = std::max(count, reference.tensor + 1);
        };
        for (const LayerSpec& layer : model.layers)
            for (const Call& other : layer.calls)
                for (const TensorRef& reference : other.tensors()) look(reference);
        for (const TensorRef& reference : model.outputs.tensors()) look(reference);
        return std::min(count, limits::opaque_outputs);
    }

    template <class EdgeOf>
    CallEdges add_node(const LayerSpec& spec, const Call& call, const EdgeOf& edge_of) {
        if (graph_.nodes.size() >= limits::calls) fail(Code::refused, "more than ", limits::calls, " layer calls");
        const std::size_t id = ids_.at(&spec);
        Node node;
        node.layer = id;
        if (!graph_.layers[id].opaque) {
            attempt(spec, [&] {
                node.object = make_object(spec, call);
                if (const auto* heeding = dynamic_cast<const HeedsCall*>(node.object.get())) heeding->check_call(call);
                NodeInputs inputs = node_inputs(*node.object, call, edge_of);
                node.inputs = std::move(inputs.tensors);
                node.masks = std::move(inputs.masks);
                node.masks_pass_by = inputs.masks_pass_by;
            });
        }
        if (graph_.layers[id].opaque) {
            node.object = nullptr;
            node.inputs.clear();
            for (const TensorRef& reference : call.tensors()) node.inputs.push_back(edge_of(reference));
        }
        infer(spec, node);
        CallEdges edges{node.inputs, node.outputs};
        graph_.nodes.push_back(std::move(node));
        return edges;
    }

    void infer(const LayerSpec& spec, Node& node) {
        GraphLayer& layer = layer_of(spec);
        Shapes shapes;
        DTypes dtypes;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const Edge edge = node.inputs[i] == no_edge ? Edge{Shape(), DType::float32} : graph_.edges[node.inputs[i]];
            if (!edge.shape || node.object == nullptr) return;
            shapes.push_back(*edge.shape);
            dtypes.push_back(node.object->input_dtype(i, edge.dtype));
        }
        attempt(spec, [&] {
            require(!shapes.empty(), "wanted an input, found none");
            OutputSpec out = node.object->compute_output_spec(shapes, dtypes);
            if (const auto* announcing = dynamic_cast<const AnnouncesShape*>(node.object.get()))
                out.shapes =
                    announcing->announced_output_shape(shapes, minor_version(graph_.spec->metadata.keras_version));
            out.dtypes.resize(out.shapes.size(), out.dtypes.front());
            if (!layer.built) declare(layer, node.object->weights(shapes));
            for (std::size_t i = 0; i < out.shapes.size(); ++i)
                node.outputs.push_back(new_edge(out.shapes[i], out.dtypes[i]));
            pass_ragged_rows(graph_, node);
        });
    }

    static void declare(GraphLayer& layer, WeightSpecs specs) {
        for (const WeightSpec& weight : specs) {
            std::int64_t bytes = 0;
            if (!weight.shape.is_known()) continue;
            if (__builtin_mul_overflow(weight.shape.elements(), std::int64_t{8}, &bytes) ||
                bytes > limits::tensor_bytes)
                fail(Code::refused, "weight '", weight.name, "' of shape ", weight.shape, " is larger than the limit");
        }
        layer.declared = std::move(specs);
        layer.built = true;
    }

    void name_ports(const Argument& structure, const std::vector<EdgeId>& edges, std::vector<Port>& ports) {
        const std::vector<TensorRef> references = structure.tensors();
        for (std::size_t i = 0; i < references.size(); ++i) {
            std::string name = structure.kind == Argument::Kind::dict && structure.keys.size() == references.size()
                                   ? structure.keys[i]
                                   : graph_.spec->layers[references[i].layer].name;
            ports.push_back({std::move(name), edges[i]});
        }
        if (structure.kind == Argument::Kind::dict)  // as Keras flattens dictionaries: by key
            std::stable_sort(ports.begin(), ports.end(), [](const Port& a, const Port& b) { return a.name < b.name; });
    }

    void name_row_lengths() {
        for (const RowLengths& rows : graph_.row_lengths) {
            const auto values = std::ranges::find(graph_.inputs, rows.values, &Port::edge);
            graph_.inputs.push_back({values->name + "/row_lengths", rows.lengths});
        }
    }

    Graph& graph_;
    Problems& problems_;
    std::map<const LayerSpec*, std::size_t> ids_;
    std::map<const LayerSpec*, std::shared_ptr<const Layer>> plain_;  // configured for a call without options
};

}  // namespace

Graph build_graph(std::shared_ptr<const ModelSpec> spec, std::shared_ptr<const CustomObjects> custom,
                  Problems& problems) {
    Graph graph;
    graph.custom = std::move(custom);
    graph.spec = std::move(spec);
    Builder(graph, problems).build();
    return graph;
}

std::string layer_frame(const GraphLayer& layer) {
    return "layer '" + layer.path + "' (" + layer.spec->class_name + ")";
}

DType carrier(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16 ? DType::float32 : dtype; }

}  // namespace layerctl
