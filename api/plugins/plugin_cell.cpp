#include "api/plugins/instance.hpp"
#include "api/plugins/plugin_layer.hpp"
#include "engine/layers/rnn/cell.hpp"

namespace layerctl::plugins {
namespace {

class PluginCell final : public Cell {
public:
    explicit PluginCell(std::shared_ptr<const ClassDefinition> definition) : instance_(std::move(definition)) {}

private:
    void config(ConfigIo& io) override { instance_.config(io, context()); }

    Shapes states_of(const Shape& x) const override {
        Shapes shapes;
        for (const Shape& state : instance_.states(x, compute_dtype())) shapes.push_back(state.prepended(x.front()));
        return shapes;
    }

    /// The input of a step and the states, as every callback but `states` finds them.
    Shapes inputs(const Shape& x) const {
        Shapes in = states_of(x);
        in.insert(in.begin(), x);
        return in;
    }

    Shape output_of(const Shape& x) const override {
        const Shapes in = inputs(x);
        const OutputSpec spec = instance_.outputs(in, DTypes(in.size(), compute_dtype()));
        if (spec.shapes.size() != 1)
            fail(Code::config, "'outputs' of the plug-in announces ", spec.shapes.size(), ", a cell has one");
        if (spec.dtypes[0] != compute_dtype())
            fail(Code::unsupported, "a cell that returns ", spec.dtypes[0], " of ", compute_dtype());
        return spec.shapes[0];
    }

    WeightSpecs weights(const Shapes& in) const override {
        const Shapes all = inputs(in[0]);
        return instance_.weights(all, DTypes(all.size(), compute_dtype()));
    }

    Tensor project(const Tensor& x, const Weights&) const override { return x; }

    Tensor step(const Tensor& x, const Weights& w, Tensors& states) const override {
        Tensors inputs = states, outputs;
        inputs.insert(inputs.begin(), x);
        outputs.push_back(Tensor::uninitialized(x.dtype(), output_of(x.shape())));
        for (const Tensor& state : states) outputs.push_back(Tensor::uninitialized(state.dtype(), state.shape()));
        instance_.call(inputs, {}, w, outputs);
        std::move(outputs.begin() + 1, outputs.end(), states.begin());
        return std::move(outputs[0]);
    }

    Instance instance_;
};

}  // namespace

std::unique_ptr<Layer> make_plugin_cell(std::shared_ptr<const ClassDefinition> definition) {
    return std::make_unique<PluginCell>(std::move(definition));
}

}  // namespace layerctl::plugins
