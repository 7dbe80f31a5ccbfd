#include "api/onnx/export.hpp"

#include <algorithm>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/operations/operation.hpp"
#include "api/onnx/simplify.hpp"
#include "api/onnx/steps.hpp"
#include "engine/keeps_mask.hpp"

namespace layerctl::onnx {
namespace {

using layerctl::Graph;

class Exporter {
public:
    /// Shapes are those that layers make of these inputs, which may differ from what they announce.
    Exporter(const Graph& graph, const Shapes& inputs)
        : graph_(graph), edges_(graph.edges.size()), masks_(graph.edges.size()), shapes_(edge_shapes(graph, inputs)) {}

    GraphProto run() {
        result_.name = graph_.spec->name;
        for (const Port& port : graph_.inputs) add_input(port);
        const Graph own = build_graph(graph_.spec, graph_.custom, problems_);
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const Node& node = graph_.nodes[i];
            const bool fine = problems_.attempt([&] {
                in_context(layer_frame(graph_.layers[node.layer]),
                           [&] { add_node(node, *std::const_pointer_cast<Layer>(own.nodes[i].object)); });
            });
            if (!fine) give_up_on(node);
        }
        problems_.throw_if_any();
        b_.set_scope("outputs");
        for (const Port& port : graph_.outputs) add_output(port);
        result_.nodes = std::move(b_.nodes());
        result_.initializers = std::move(b_.constants());
        simplify(result_);
        return std::move(result_);
    }

private:
    void add_input(const Port& port) {
        edges_[port.edge] = b_.fresh(port.name);
        result_.inputs.push_back(described(edges_[port.edge], graph_.edges[port.edge].dtype, shapes_[port.edge]));
    }

    void add_output(const Port& port) {
        const Name name = b_.fresh(port.name);
        b_.nodes().push_back({"Identity", {edges_[port.edge]}, {name}, {}, b_.fresh("outputs/" + port.name)});
        result_.outputs.push_back(described(name, graph_.edges[port.edge].dtype, shapes_[port.edge]));
    }

    /// Later layers still report their own problems.
    void give_up_on(const Node& node) {
        for (const EdgeId edge : node.outputs) edges_[edge] = "?";
    }

    Name converted(const Name& x, DType from, DType to) { return from == to ? x : cast(b_, x, to); }

    /// Rounded to `dtype`, in what `call` reads.
    Name input(EdgeId edge, DType dtype) {
        return converted(converted(edges_[edge], graph_.edges[edge].dtype, dtype), dtype, carrier(dtype));
    }

    Name mask_of(const Node& node, std::size_t k) {
        if (k < node.masks.size() && node.masks[k] != no_edge)
            return converted(edges_[node.masks[k]], graph_.edges[node.masks[k]].dtype, DType::boolean);
        const EdgeId edge = node.inputs[k];
        const bool has_one = edge != no_edge && keeps_mask(*node.object, k, graph_.edges[edge].dtype);
        return has_one ? masks_[edge] : Name();
    }

    void require_plain(const Node& node, const Layer& layer, const Shapes& in) const {
        const GraphLayer& owner = graph_.layers[node.layer];
        if (owner.policy.quantization != QuantizationMode::none)
            fail(Code::unsupported, "quantized weights are not written as ONNX");
        if (!layer.state_shapes(in).empty()) fail(Code::unsupported, "state between calls is not written as ONNX");
        if (graph_.custom == nullptr) return;
        for (const std::string& name : {owner.spec->registered_name, owner.spec->class_name})
            if (graph_.custom->layer(name) != nullptr) fail(Code::unsupported, "a custom layer is not written as ONNX");
    }

    void add_node(const Node& node, Layer& layer) {
        b_.set_scope(graph_.layers[node.layer].path);
        Names x, masks;
        Shapes in;
        DTypes dtypes;
        for (std::size_t k = 0; k < node.inputs.size(); ++k) {
            const EdgeId edge = node.inputs[k];
            const DType dtype = edge == no_edge ? DType::float32 : layer.input_dtype(k, graph_.edges[edge].dtype);
            x.push_back(edge == no_edge ? Name() : input(edge, dtype));
            in.push_back(edge == no_edge ? Shape() : shapes_[edge]);
            dtypes.push_back(carrier(dtype));
            masks.push_back(mask_of(node, k));
        }
        Shapes out;
        for (const EdgeId edge : node.outputs) out.push_back(shapes_[edge]);
        if (const auto* operation = dynamic_cast<const OperationNode*>(&layer))
            return finish(node, operation_outputs(node, *operation, x, in, out), Names(out.size()));
        require_plain(node, layer, in);
        LayerCall call{b_,
                       graph_.layers[node.layer].spec->class_name,
                       layer,
                       graph_.layers[node.layer].run_weights,
                       x,
                       node.masks_pass_by ? Names(masks.size()) : masks,
                       in,
                       out,
                       dtypes,
                       settings_of(layer),
                       call_settings_of(layer)};
        const Names y = emit_layer(call);
        if (node.masks_pass_by) call.out_masks = passed_by(layer, masks, y.size());
        finish(node, y, call.out_masks);
    }

    /// The mask of the input on the outputs that have one.
    static Names passed_by(const Layer& layer, const Names& masks, std::size_t outputs) {
        Masks in(masks.size());
        if (!masks[0].empty()) in[0] = Tensor(DType::boolean, {1});
        const Masks out = layer.compute_mask({}, in);
        Names names(outputs);
        for (std::size_t i = 0; i < out.size() && i < outputs; ++i)
            if (out[i].has_value()) names[i] = masks[0];
        return names;
    }

    Names operation_outputs(const Node& node, const OperationNode& operation, const Names& x, const Shapes& in,
                            const Shapes& out) {
        DTypes given, made;
        for (const EdgeId edge : node.inputs) given.push_back(graph_.edges[edge].dtype);
        for (const EdgeId edge : node.outputs) made.push_back(carrier(graph_.edges[edge].dtype));
        const ops::Arguments arguments(operation.bound(), &in, &given, nullptr);
        OperationCall call{b_, operation.entry(), arguments, x, out, made};
        return emit_operation(call);
    }

    void finish(const Node& node, const Names& y, const Names& masks) {
        for (std::size_t k = 0; k < node.outputs.size(); ++k) {
            const DType dtype = graph_.edges[node.outputs[k]].dtype;
            edges_[node.outputs[k]] = converted(y[k], carrier(dtype), dtype);
            masks_[node.outputs[k]] = masks[k];
        }
        if (node.object->takes_masks_off())
            for (const EdgeId edge : node.inputs)
                if (edge != no_edge) take_mask_off(edge);
    }

    /// Of the tensor, which layers that hand their input on share.
    void take_mask_off(EdgeId edge) {
        for (EdgeId other = 0; other < edges_.size(); ++other)
            if (edges_[other] == edges_[edge]) masks_[other].clear();
    }

    const Graph& graph_;
    Builder b_;
    Problems problems_;
    GraphProto result_;
    Names edges_;  // the tensor of every edge
    Names masks_;  // and its mask, "" where there is none
    Shapes shapes_;
};

}  // namespace

/// A model of Keras 3 takes any batch, whatever it declares, unless an operation of it depends on that.
GraphProto to_onnx(const layerctl::Graph& graph) {
    if (!graph.row_lengths.empty()) fail(Code::unsupported, "an input with rows of unequal length (ragged)");
    Shapes declared, open;
    for (const Port& port : graph.inputs) {
        declared.push_back(*graph.edges[port.edge].shape);
        const bool fixed = graph.spec->dialect == Dialect::keras3 && declared.back().rank() > 0;
        open.push_back(fixed ? declared.back().with_front(Shape::unknown) : declared.back());
    }
    if (open == declared) return Exporter(graph, declared).run();
    Problems depends;
    GraphProto written;
    if (depends.attempt([&] { written = Exporter(graph, open).run(); })) return written;
    return Exporter(graph, declared).run();
}

}  // namespace layerctl::onnx
