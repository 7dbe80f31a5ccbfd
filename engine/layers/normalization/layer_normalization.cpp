// LayerNormalization: y = gamma · (x − mean) / √(variance + epsilon) + beta, with the statistics of each sample.
#include "engine/layer.hpp"
#include "engine/layers/normalization/center_scale.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/moments.hpp"

namespace layerctl {
namespace {

class LayerNormalization final : public KeepsIntegers, public Lowers {
    AxisList axis;
    double epsilon = 1e-3;
    CenterScale center_scale;
    bool rms_scaling = false;  // Keras 3: divides by the deviation without centering; there is no beta then

    void config(ConfigIo& io) override {
        io.optional("axis", axis);
        io.optional("epsilon", epsilon, not_negative);
        center_scale.config(io);
        if (io.dialect() == Dialect::keras3) io.optional("rms_scaling", rms_scaling);
    }

    CenterScale learned() const {
        CenterScale out = center_scale;
        if (rms_scaling) out.center = false;
        return out;
    }

    WeightSpecs weights(const Shapes& in) const override {
        std::vector<std::int64_t> dims;  // in the order the config lists the axes
        for (const std::int64_t i : axis.values) dims.push_back(known_dim(in[0], resolve_axis(i, in[0].rank())));
        WeightSpecs specs;
        learned().add_weights(Shape(std::move(dims)), specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        axis.resolve(in[0].rank());
        return {in[0]};
    }

    DTypes compute_output_dtype(const DTypes&) const override { return {compute_dtype()}; }

    bool supports_masking() const override { return true; }

    void call_floats(const Tensors& x, const Weights& w, Tensors& y) const override {
        const std::vector<std::size_t> axes = axis.resolve(x[0].shape().rank());
        y[0] = x[0];
        if (rms_scaling) ops::divide_by_deviation(y[0], axes, epsilon);
        else ops::standardize(y[0], axes, epsilon);
        learned().apply(w, broadcast_shape_of(x[0].shape(), axes), y[0]);
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const std::vector<std::size_t> axes = axis.resolve(in[0].rank());
        if (!are_last(axes, in[0].rank())) return {};
        const std::int64_t n = in[0].elements(axes.front(), in[0].rank());
        return Normalize{.shifts = !rms_scaling,
                         .epsilon = epsilon,
                         .factor = learned().factor(w, n),
                         .offset = learned().offset(w, n)};
    }
};

LAYERCTL_REGISTER_LAYER(LayerNormalization);

}  // namespace
}  // namespace layerctl
