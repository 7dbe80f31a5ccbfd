// BatchNormalization, at inference: y = gamma · (x − moving_mean) / √(moving_variance + epsilon) + beta.
#include <cmath>
#include <functional>

#include "engine/layer.hpp"
#include "engine/layers/normalization/center_scale.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class BatchNormalization final : public Layer, public Lowers {
    AxisList axis;
    double epsilon = 1e-3;
    CenterScale center_scale;
    bool renorm = false;  // brings three more moving statistics, which inference does not read
    Initializer moving_mean_initializer = Initializer::zeros();
    Initializer moving_variance_initializer = Initializer::ones();

    void config(ConfigIo& io) override {
        io.optional("axis", axis);
        io.optional("epsilon", epsilon, not_negative);
        center_scale.config(io);
        io.optional("moving_mean_initializer", moving_mean_initializer);
        io.optional("moving_variance_initializer", moving_variance_initializer);
        io.optional("renorm", renorm);
        for (const char* training_only :
             {"momentum", "synchronized", "renorm_clipping", "renorm_momentum", "fused", "virtual_batch_size"})
            io.ignored(training_only);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const Shape shape = weight_shape(in[0]);
        WeightSpecs specs;
        center_scale.add_weights(shape, specs);
        specs.push_back({"moving_mean", shape, moving_mean_initializer, false});
        specs.push_back({"moving_variance", shape, moving_variance_initializer, false});
        if (renorm) {
            specs.push_back({"moving_stddev", shape, Initializer::ones(), false});
            specs.push_back({"renorm_mean", shape, moving_mean_initializer, false});
            specs.push_back({"renorm_stddev", shape, Initializer::ones(), false});
        }
        if (keeps_float32())
            for (WeightSpec& spec : specs) spec.dtype = DType::float32;
        return specs;
    }

    /// Keras 2 does not keep these weights in half precision whatever the policy says.
    bool keeps_float32() const {
        const DType dtype = context().variable_dtype;
        return context().dialect == Dialect::keras2 && (dtype == DType::float16 || dtype == DType::bfloat16);
    }

    /// One axis gives vectors; several give arrays of the input's rank.
    Shape weight_shape(const Shape& in) const {
        const std::vector<std::size_t> axes = axis.resolve(in.rank());
        for (const std::size_t i : axes) known_dim(in, i);
        return axes.size() == 1 ? Shape{in[axes[0]]} : broadcast_shape_of(in, axes);
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        axis.resolve(in[0].rank());
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Shape shape = broadcast_shape_of(x[0].shape(), axis.resolve(x[0].shape().rank()));
        with_float(x[0].dtype(), [&]<class T>(Type<T>) {
            Tensor factor = w["moving_variance"].reshaped(shape);
            for (T& value : factor.mutable_values<T>()) value = 1 / std::sqrt(value + static_cast<T>(epsilon));
            if (center_scale.scale) ops::binary<T>(factor, w["gamma"].reshaped(shape), factor, std::multiplies<T>());
            ops::binary<T>(x[0], w["moving_mean"].reshaped(shape), y[0], std::minus<T>());
            ops::binary<T>(y[0], factor, y[0], std::multiplies<T>());
            if (center_scale.center) ops::binary<T>(y[0], w["beta"].reshaped(shape), y[0], std::plus<T>());
        });
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        if (axis.resolve(in[0].rank()) != std::vector{in[0].rank() - 1}) return {};
        const std::span<const float> mean = w["moving_mean"].values<float>();
        const std::span<const float> variance = w["moving_variance"].values<float>();
        Tensor factor(DType::float32, {in[0].back()}), offset = factor;
        const std::span<float> factors = factor.mutable_values<float>(), offsets = offset.mutable_values<float>();
        for (std::size_t i = 0; i < factors.size(); ++i) {
            const double gamma = center_scale.scale ? w["gamma"].values<float>()[i] : 1;
            const double beta = center_scale.center ? w["beta"].values<float>()[i] : 0;
            const double scale = gamma / std::sqrt(variance[i] + epsilon);
            factors[i] = static_cast<float>(scale);
            offsets[i] = static_cast<float>(beta - mean[i] * scale);
            if (!std::isfinite(factors[i]) || !std::isfinite(offsets[i])) return {};
        }
        return Scale{std::move(factor), std::move(offset)};
    }
};

LAYERCTL_REGISTER_LAYER(BatchNormalization);

}  // namespace
}  // namespace layerctl
