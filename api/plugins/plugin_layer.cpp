#include "api/plugins/plugin_layer.hpp"

#include "api/plugins/instance.hpp"
#include "engine/graph/graph.hpp"

namespace layerctl::plugins {
namespace {

class PluginLayer final : public Layer {
public:
    explicit PluginLayer(std::shared_ptr<const ClassDefinition> definition) : instance_(std::move(definition)) {}

private:
    void config(ConfigIo& io) override { instance_.config(io, context()); }

    std::vector<std::string> call_arguments() const override { return instance_.definition().inputs; }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    void require_inputs(const Shapes& in) const {
        const std::vector<std::string>& names = instance_.definition().inputs;
        const bool any_number = names.back().ends_with("...");
        require(any_number ? in.size() + 1 >= names.size() : in.size() == names.size(), "wanted ",
                names.size() - (any_number ? 1 : 0), any_number ? " inputs or more" : " inputs", ", found ", in.size());
    }

    DTypes assumed(const Shapes& in) const { return DTypes(in.size(), compute_dtype()); }

    WeightSpecs weights(const Shapes& in) const override {
        require_inputs(in);
        return instance_.weights(in, assumed(in));
    }

    Shapes compute_output_shape(const Shapes& in) const override { return compute_output_spec(in, assumed(in)).shapes; }

    OutputSpec compute_output_spec(const Shapes& in, const DTypes& dtypes) const override {
        require_inputs(in);
        return instance_.outputs(in, dtypes);
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, {}, w, y); }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        require_as_announced(x, y);
        instance_.call(x, masks, w, y);
    }

    /// The plug-in writes what it announces for the tensors of this call; layers behind count on what was announced
    /// when the model was built.
    void require_as_announced(const Tensors& x, const Tensors& y) const {
        Shapes shapes;
        DTypes dtypes;
        for (const Tensor& tensor : x) {
            shapes.push_back(tensor.shape());
            dtypes.push_back(keep(tensor.dtype()));
        }
        const OutputSpec spec = compute_output_spec(shapes, dtypes);
        if (spec.shapes.size() != y.size())
            fail(Code::unsupported, "wanted ", y.size(), " outputs, the plug-in now announces ", spec.shapes.size());
        for (std::size_t k = 0; k < y.size(); ++k) {
            if (!spec.shapes[k].is_known())
                fail(Code::unsupported, "an output whose shape ", spec.shapes[k], " those of the inputs do not tell");
            if (spec.shapes[k] != y[k].shape() || carrier(spec.dtypes[k]) != y[k].dtype())
                fail(Code::unsupported, "wanted an output of ", y[k].dtype(), y[k].shape(),
                     ", the plug-in now announces ", spec.dtypes[k], spec.shapes[k]);
        }
    }

    bool supports_masking() const override { return instance_.definition().table.mask == LAYERCTL_MASK_PASSES; }

    Instance instance_;
};

}  // namespace

std::unique_ptr<Layer> make_plugin_layer(std::shared_ptr<const ClassDefinition> definition) {
    return std::make_unique<PluginLayer>(std::move(definition));
}

}  // namespace layerctl::plugins
