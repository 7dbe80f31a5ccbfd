// gamma and beta: the learned scale and offset that end a normalization layer.
#pragma once

#include "engine/layer.hpp"

namespace layerctl {

struct CenterScale {
    bool center = true;
    bool scale = true;
    Initializer beta_initializer = Initializer::zeros();
    Initializer gamma_initializer = Initializer::ones();

    /// Names center, scale and what belongs to the two weights.
    void config(ConfigIo& io);

    /// Appends gamma and beta, as far as there are any.
    void add_weights(const Shape& shape, WeightSpecs& specs) const;

    /// gamma and beta, or the numbers that change nothing, for `n` numbers each.
    Tensor factor(const Weights& w, std::int64_t n) const;
    Tensor offset(const Weights& w, std::int64_t n) const;

    /// y = y · gamma + beta, the two seen in `shape`, which broadcasts to y's.
    void apply(const Weights& w, const Shape& shape, Tensor& y) const;
};

/// What Keras 3 does with integers in layers that standardize: computed in float32, then cut to integers again.
/// Keras 2 makes floats of them first.
class KeepsIntegers : public Layer {
protected:
    DType input_dtype(std::size_t, DType given) const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    virtual void call_floats(const Tensors& x, const Weights& w, Tensors& y) const = 0;
};

/// Whether these are the last axes of that many.
bool are_last(const std::vector<std::size_t>& axes, std::size_t rank);

/// The sizes of `axes` where they stand in `shape`, 1 elsewhere: the shape in which per-axis weights broadcast.
Shape broadcast_shape_of(const Shape& shape, const std::vector<std::size_t>& axes);

}  // namespace layerctl
