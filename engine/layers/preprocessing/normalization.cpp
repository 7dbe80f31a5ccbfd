// Normalization: y = (x − mean) / max(√variance, 1e-7), or its inverse; the statistics are weights or config.
#include <cmath>

#include "engine/layers/last_axis.hpp"
#include "engine/lowering.hpp"
#include "engine/number_array.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class Normalization final : public Layer, public Lowers {
    std::optional<AxisList> axis = AxisList();
    std::optional<NumberArray> mean;
    std::optional<NumberArray> variance;
    bool invert = false;

    void config(ConfigIo& io) override {
        io.optional("axis", axis);
        io.optional("invert", invert);
        io.optional("mean", mean);
        io.optional("variance", variance);
    }

    std::vector<std::size_t> kept_axes(const Shape& in) const {
        return axis ? axis->resolve(in.rank()) : std::vector<std::size_t>();
    }

    /// The sizes of the kept axes, without the others.
    Shape statistics_shape(const Shape& in) const {
        std::vector<std::int64_t> dims;
        for (const std::size_t i : kept_axes(in)) dims.push_back(known_dim(in, i));
        return Shape(std::move(dims));
    }

    Shape statistics_in_place(const Shape& in) const {
        Shape shape(std::vector<std::int64_t>(in.rank(), 1));
        for (const std::size_t i : kept_axes(in)) shape[i] = in[i];
        return shape;
    }

    WeightSpecs weights(const Shapes& in) const override {
        if (mean) return {};
        const Shape shape = statistics_shape(in[0]);
        return {{"mean", shape, Initializer::zeros(), false},
                {"variance", shape, Initializer::ones(), false},
                {"count", {}, Initializer::zeros(), false, DType::int64}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (mean.has_value() != variance.has_value()) fail(Code::config, "mean and variance must be given together");
        const std::size_t least_rank = context().dialect == Dialect::keras3 ? 1 : 2;
        require(in[0].rank() >= least_rank, "input must have rank ", least_rank, " or more, found shape ", in[0]);
        const Shape wanted = given_shape(in[0]);
        for (const auto* given : {&mean, &variance})
            require(!*given || ops::broadcast_shape((*given)->shape, wanted) == wanted, "wanted statistics of shape ",
                    wanted, ", found ", (*given ? (*given)->shape : Shape()));
        return {in[0]};
    }

    /// What mean and variance of the config broadcast to: in Keras 2 the kept axes alone.
    Shape given_shape(const Shape& in) const {
        return context().dialect == Dialect::keras3 ? statistics_in_place(in) : statistics_shape(in);
    }

    bool supports_masking() const override { return context().dialect == Dialect::keras3; }

    Tensor statistic(const std::optional<NumberArray>& given, const Weights& w, const char* name, const Shape& in,
                     DType dtype) const {
        const Tensor values = given ? ops::broadcast_to(given->tensor(dtype), given_shape(in)) : w[name];
        return values.reshaped(statistics_in_place(in));
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Tensor shift = statistic(mean, w, "mean", x[0].shape(), x[0].dtype());
        Tensor deviation = statistic(variance, w, "variance", x[0].shape(), x[0].dtype());
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            for (T& value : deviation.mutable_values<T>()) value = std::max(std::sqrt(value), static_cast<T>(1e-7));
            if (invert) {
                ops::binary<T>(x[0], deviation, y[0], [](T a, T b) { return a * b; });
                ops::binary<T>(y[0], shift, y[0], [](T a, T b) { return a + b; });
            } else {
                ops::binary<T>(x[0], shift, y[0], [](T a, T b) { return a - b; });
                ops::binary<T>(y[0], deviation, y[0], [](T a, T b) { return a / b; });
            }
        });
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const auto shift = along_last_axis(statistic(mean, w, "mean", in[0], DType::float32), in[0].back());
        const auto spread = along_last_axis(statistic(variance, w, "variance", in[0], DType::float32), in[0].back());
        if (!shift || !spread) return {};
        Scale scale{*spread, *shift};
        const std::span<float> factors = scale.factor.mutable_values<float>();
        const std::span<float> offsets = scale.offset.mutable_values<float>();
        for (std::size_t i = 0; i < factors.size(); ++i) {
            factors[i] = std::max(std::sqrt(factors[i]), 1e-7F);
            if (invert) continue;
            factors[i] = 1 / factors[i];
            offsets[i] *= -factors[i];
            if (std::abs(offsets[i]) > most_deviations) return {};
        }
        return scale;
    }

    /// The difference to a mean further away would lose digits as that of two products.
    static constexpr float most_deviations = 16;
};

LAYERCTL_REGISTER_LAYER(Normalization);

}  // namespace
}  // namespace layerctl
