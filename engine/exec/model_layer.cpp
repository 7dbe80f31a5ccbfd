// A model as a layer: what a wrapper like TimeDistributed holds. Models nested in models are unfolded instead.
#include "engine/composite.hpp"
#include "engine/exec/executor.hpp"

namespace layerctl {
namespace {

class ModelLayer final : public Composite {
    Value layers, input_layers, output_layers, build_input_shape;
    std::shared_ptr<const Graph> graph;

    void config(ConfigIo& io) override {
        io.required("layers", layers);
        io.optional("input_layers", input_layers);
        io.optional("output_layers", output_layers);
        io.optional("build_input_shape", build_input_shape);
        if (graph != nullptr || layers.array() == nullptr) return;
        Problems problems;
        Graph built = build_graph(std::make_shared<ModelSpec>(parse_model(envelope(), io.dialect())),
                                  {std::shared_ptr<void>(), context().custom}, problems);
        problems.throw_if_any();
        for (const GraphLayer& layer : built.layers)
            in_context(layer_frame(layer), [&] { require_same_policy(layer); });
        graph = std::make_shared<Graph>(std::move(built));
    }

    Config envelope() const {
        Value config = Value::object({{"name", context().name}, {"layers", layers}});
        if (!build_input_shape.is_null()) config.set("build_input_shape", build_input_shape);
        if (input_layers.is_null()) return Config{{"class_name", "Sequential"}, {"config", config}};
        config.set("input_layers", input_layers);
        config.set("output_layers", output_layers);
        return Config{{"class_name", "Functional"}, {"config", config}};
    }

    /// The weights arrive in the wrapper's dtype.
    void require_same_policy(const GraphLayer& layer) const {
        if (!layer.declared.empty() && layer.policy.compute != context().compute_dtype)
            fail(Code::unsupported, "config key 'dtype': wanted the wrapper's ", context().compute_dtype, ", found ",
                 layer.policy.compute);
    }

    WeightSpecs weights(const Shapes&) const override {
        WeightSpecs specs;
        for (const GraphLayer& layer : graph->layers) {
            if (layer.same_as) continue;
            for (WeightSpec spec : layer.declared) {
                spec.name = layer.path + "/" + spec.name;
                spec.trainable = spec.trainable && layer.trainable;
                spec.dtype = spec.dtype.value_or(layer.policy.variable);
                specs.push_back(std::move(spec));
            }
        }
        return specs;
    }

    Shapes edges(const Shapes& in) const {
        require(in.size() == graph->inputs.size(), "wanted ", graph->inputs.size(), " inputs, found ", in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const Shape& declared = *graph->edges[graph->inputs[i].edge].shape;
            require(declared.rank() > 0 && declared.with_front(Shape::unknown).is_compatible_with(in[i]), "input '",
                    graph->inputs[i].name, "': wanted shape ", declared, ", found ", in[i]);
        }
        return edge_shapes(*graph, in);
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        const Shapes all = edges(in);
        Shapes out;
        for (const Port& port : graph->outputs) out.push_back(all[port.edge]);
        return out;
    }

    DType input_dtype(std::size_t i, DType) const override { return graph->edges[graph->inputs.at(i).edge].dtype; }

    DTypes compute_output_dtype(const DTypes&) const override {
        DTypes dtypes;
        for (const Port& port : graph->outputs) dtypes.push_back(graph->edges[port.edge].dtype);
        return dtypes;
    }

    Shapes state_shapes(const Shapes& in) const override {
        Shapes all;
        for (const auto& [layer, shapes] : layerctl::state_shapes(*graph, edges(in)))
            all.insert(all.end(), shapes.begin(), shapes.end());
        return all;
    }

    Masks call_and_mask(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                        Tensors& y) const override {
        Executor executor(with_weights(w));
        executor.set_states(split(state, x));
        Flow out = executor.run({x, masks});
        y.clear();
        for (const Tensor& tensor : out.tensors)
            y.push_back(tensor.dtype() == DType::string ? tensor : tensor.cast(carrier(tensor.dtype())));
        state.clear();
        for (const auto& [layer, kept] : executor.states()) state.insert(state.end(), kept.begin(), kept.end());
        return std::move(out.masks);
    }

    std::shared_ptr<const Graph> with_weights(const Weights& w) const {
        auto bound = std::make_shared<Graph>(*graph);
        std::size_t next = 0;
        for (GraphLayer& layer : bound->layers) {
            if (layer.same_as) continue;
            Tensors own;
            for (std::size_t i = 0; i < layer.declared.size(); ++i) own.push_back(w.tensor(next++));
            set_layer_weights(layer, std::move(own));
        }
        share_weights(*bound);
        return bound;
    }

    /// The states of all layers in a row, as `state_shapes` lists them, given back to their layers.
    States split(const Tensors& all, const Tensors& x) const {
        Shapes in;
        for (const Tensor& tensor : x) in.push_back(tensor.shape());
        const std::map<std::size_t, Shapes> shapes = layerctl::state_shapes(*graph, edges(in));
        if (!shapes.empty() && all.empty()) fail(Code::unsupported, "a stateful layer inside another layer");
        States states;
        auto next = all.begin();
        for (const auto& [layer, wanted] : shapes) {
            const auto end = next + static_cast<std::ptrdiff_t>(wanted.size());
            states[layer].assign(next, end);
            next = end;
        }
        return states;
    }
};

LAYERCTL_REGISTER_ALIAS(ModelLayer, Functional);
LAYERCTL_REGISTER_ALIAS(ModelLayer, Model);
LAYERCTL_REGISTER_ALIAS(ModelLayer, Sequential);

}  // namespace
}  // namespace layerctl
