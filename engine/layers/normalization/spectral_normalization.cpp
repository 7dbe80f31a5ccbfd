// SpectralNormalization: the wrapped layer as stored; its kernel is normalized in training only.
#include <algorithm>

#include "engine/layers/wrapper.hpp"
#include "engine/lowering.hpp"

namespace layerctl {
namespace {

class SpectralNormalization final : public Layer, public Lowers {
    WrappedLayer layer;

    void config(ConfigIo& io) override {
        layer.set_context(context());
        io.required("layer", layer);
        io.ignored("power_iterations");
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs = layer.weights("layer", in);
        const auto normalized = std::find_if(specs.begin(), specs.end(), [](const WeightSpec& spec) {
            return spec.name == "layer/kernel" || spec.name == "layer/embeddings";
        });
        if (normalized == specs.end())
            fail(Code::config, "a wrapped ", layer.class_name(), " has no kernel to normalize");
        const Initializer small_normal = {"TruncatedNormal", Value::object({{"mean", 0.0}, {"stddev", 0.02}})};
        specs.push_back({"vector_u", {1, normalized->shape.back()}, small_normal, false});
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override { return layer->compute_output_shape(in); }
    DType input_dtype(std::size_t i, DType given) const override { return layer->input_dtype(i, given); }
    DTypes compute_output_dtype(const DTypes& in) const override { return layer->compute_output_dtype(in); }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { layer->call(x, w.below("layer"), y); }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const auto* lowers = dynamic_cast<const Lowers*>(layer.operator->());
        return lowers == nullptr ? std::nullopt : lowers->lower(in, w.below("layer"));
    }

    MaskRule mask_rule() const override {
        const auto* lowers = dynamic_cast<const Lowers*>(layer.operator->());
        return lowers == nullptr ? MaskRule{MaskRule::Inputs::refused} : lowers->mask_rule();
    }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        layer->call_masked(x, masks, w.below("layer"), y);
    }

    Masks compute_mask(const Tensors& x, const Masks& in) const override { return layer->compute_mask(x, in); }
};

LAYERCTL_REGISTER_LAYER(SpectralNormalization);

}  // namespace
}  // namespace layerctl
