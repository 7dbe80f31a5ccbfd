// TimeDistributed: a layer applied to every step of time, as if steps were batch entries.
#include "engine/layers/wrapper.hpp"

namespace layerctl {
namespace {

std::int64_t product(std::int64_t a, std::int64_t b) {
    return a == Shape::unknown || b == Shape::unknown ? Shape::unknown : a * b;
}

/// (batch, time, …) as (batch · time, …).
Shape folded(const Shape& shape) {
    require(shape.rank() >= 2, "input must have rank 2 or more, found shape ", shape);
    return shape.slice(1, shape.rank()).with_front(product(shape[0], shape[1]));
}

Tensor folded(const Tensor& x) { return x.has_value() ? x.reshaped(folded(x.shape())) : x; }

/// The opposite, for what came from an input of shape `from`.
Shape unfolded(const Shape& shape, const Shape& from) {
    std::vector<std::int64_t> dims = shape.with_front(from[1]).dims();
    dims.insert(dims.begin(), from[0]);
    return Shape(std::move(dims));
}

/// Whether a step holds anything at all, for a mask (batch, time, …).
Tensor any_of_step(const Tensor& mask) {
    Tensor any(DType::boolean, mask.shape().slice(0, 2));
    const std::span<bool> steps = any.mutable_values<bool>();
    const std::span<const bool> flags = mask.values<bool>();
    for (std::size_t i = 0; i < flags.size(); ++i) steps[i * steps.size() / flags.size()] |= flags[i];
    return any;
}

class TimeDistributed final : public Layer {
    WrappedLayer layer;

    void config(ConfigIo& io) override {
        layer.set_context(context());
        io.required("layer", layer);
    }

    static Shapes inner(const Shapes& in) {
        Shapes out;
        for (const Shape& shape : in) out.push_back(folded(shape));
        return out;
    }

    WeightSpecs weights(const Shapes& in) const override { return layer.weights("layer", inner(in)); }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (!layer->state_shapes(inner(in)).empty()) fail(Code::unsupported, "a stateful layer inside another layer");
        Shapes out = layer->compute_output_shape(inner(in));
        for (Shape& shape : out) shape = unfolded(shape, in[0]);
        return out;
    }

    DType input_dtype(std::size_t i, DType given) const override { return layer->input_dtype(i, given); }
    DTypes compute_output_dtype(const DTypes& in) const override { return layer->compute_output_dtype(in); }
    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, {}, w, y); }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        Tensors steps, out;
        Masks hidden;
        for (const Tensor& input : x) steps.push_back(folded(input));
        for (const Tensor& mask : masks) hidden.push_back(folded(mask));
        for (const Tensor& output : y) out.push_back(Tensor::uninitialized(output.dtype(), folded(output.shape())));
        Tensors no_state;
        layer->call_stateful(steps, hidden, w.below("layer"), no_state, out);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = out[i].reshaped(y[i].shape());
    }

    // Keras 3 lets the mask pass. Keras 2 asks the layer, which may also make one.
    Masks compute_mask(const Tensors& x, const Masks& in) const override {
        const Tensor given = in.empty() ? Tensor() : in.front();
        if (context().dialect == Dialect::keras3) return {given};
        const Tensor own = layer->compute_mask({folded(x[0])}, {folded(given)}).front();
        if (own.has_value()) return {own.reshaped(unfolded(own.shape(), x[0].shape()))};
        return {given.has_value() ? any_of_step(given) : given};
    }
};

LAYERCTL_REGISTER_LAYER(TimeDistributed);

}  // namespace
}  // namespace layerctl
