// SReLU of Keras 1: x between two learned thresholds, with slopes of their own on both sides of them.
#include <cmath>

#include "engine/layer.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class SReLU final : public Layer {
    Initializer t_left_init = Initializer::zeros();
    Initializer a_left_init = Initializer::glorot_uniform();
    Initializer t_right_init = Initializer::glorot_uniform();
    Initializer a_right_init = Initializer::ones();

    void config(ConfigIo& io) override {
        io.optional("t_left_init", t_left_init);
        io.optional("a_left_init", a_left_init);
        io.optional("t_right_init", t_right_init);
        io.optional("a_right_init", a_right_init);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const Shape shape = in[0].slice(1, in[0].rank());
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) known_dim(shape, axis);
        return {{"t_left", shape, t_left_init},
                {"a_left", shape, a_left_init},
                {"t_right", shape, t_right_init},
                {"a_right", shape, a_right_init}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    /// The right threshold is stored as its distance from the left one.
    template <class T>
    static T apply(T x, T t_left, T a_left, T t_right, T a_right) {
        const T right = t_left + std::abs(t_right);
        if (x < t_left) return t_left + a_left * (x - t_left);
        return x <= right ? x : right + a_right * (x - right);
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            const std::span<const T> from = x[0].values<T>();
            const std::span<const T> tl = w["t_left"].values<T>(), al = w["a_left"].values<T>(),
                                     tr = w["t_right"].values<T>(), ar = w["a_right"].values<T>();
            const std::span<T> to = y[0].mutable_values<T>();
            for (std::size_t i = 0; i < to.size(); ++i) {
                const std::size_t k = i % tl.size();
                to[i] = apply(from[i], tl[k], al[k], tr[k], ar[k]);
            }
        });
    }
};

LAYERCTL_REGISTER_LAYER(SReLU);

}  // namespace
}  // namespace layerctl
