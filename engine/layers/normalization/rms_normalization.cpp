// RMSNormalization: y = scale · x / √(mean of squares + epsilon).
#include <functional>

#include "engine/layer.hpp"
#include "engine/layers/normalization/center_scale.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/moments.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class RMSNormalization final : public KeepsIntegers, public Lowers {
    AxisList axis;
    double epsilon = 1e-6;

    void config(ConfigIo& io) override {
        io.optional("axis", axis);
        io.optional("epsilon", epsilon, not_negative);
    }

    WeightSpecs weights(const Shapes& in) const override {
        std::vector<std::int64_t> dims;
        for (const std::int64_t i : axis.values) dims.push_back(known_dim(in[0], resolve_axis(i, in[0].rank())));
        return {{"scale", Shape(std::move(dims)), Initializer::ones()}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        axis.resolve(in[0].rank());
        const Shape scale = weights(in)[0].shape;
        // Keras multiplies by `scale` as it is, so it meets the last axes whatever `axis` says.
        require(ops::broadcast_shape(scale, in[0]) == in[0], "scale of shape ", scale, " does not fit input shape ",
                in[0]);
        return {in[0]};
    }

    void call_floats(const Tensors& x, const Weights& w, Tensors& y) const override {
        y[0] = x[0];
        ops::divide_by_rms(y[0], axis.resolve(x[0].shape().rank()), epsilon);
        with_float(y[0].dtype(),
                   [&]<class T>(Type<T>) { ops::binary<T>(y[0], w["scale"], y[0], std::multiplies<T>()); });
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const std::vector<std::size_t> axes = axis.resolve(in[0].rank());
        const Tensor& scale = w["scale"];
        if (!are_last(axes, in[0].rank()) || scale.shape() != in[0].slice(axes.front(), in[0].rank())) return {};
        return Normalize{.shifts = false,
                         .about_mean = false,
                         .epsilon = epsilon,
                         .factor = scale,
                         .offset = Tensor(DType::float32, scale.shape())};
    }
};

LAYERCTL_REGISTER_LAYER(RMSNormalization);

}  // namespace
}  // namespace layerctl
