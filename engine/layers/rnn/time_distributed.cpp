// TimeDistributed: a layer applied to every step of time, as if steps were batch entries.
#include "engine/composite.hpp"
#include "engine/counts_macs.hpp"
#include "engine/layers/rnn/steps.hpp"
#include "engine/layers/wrapper.hpp"
#include "engine/lowering.hpp"

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

/// (batch, time, …) as (batch, …).
Shape step(const Shape& shape) { return shape.slice(1, shape.rank()).with_front(shape[0]); }

/// The opposite of folding, for what came from an input of shape `from`.
Shape unfolded(const Shape& shape, const Shape& from) {
    return shape.with_front(from[1]).prepended(from[0]);
}

/// Whether a step holds anything at all, for a mask (batch, time, …).
Tensor any_of_step(const Tensor& mask) {
    Tensor any(DType::boolean, mask.shape().slice(0, 2));
    const std::span<bool> steps = any.mutable_values<bool>();
    const std::span<const bool> flags = mask.values<bool>();
    for (std::size_t i = 0; i < flags.size(); ++i) steps[i * steps.size() / flags.size()] |= flags[i];
    return any;
}

/// Whether a request says the same of inputs of any shape with these last axes. Such ones can be taken into others.
bool is_free_of_shapes(const Request& request) {
    const auto is_free = [](const auto* it) { return it != nullptr && it->activation.id != Activation::Id::softmax; };
    return std::holds_alternative<Pass>(request) || is_free(std::get_if<Product>(&request)) ||
           is_free(std::get_if<Convolution>(&request)) || is_free(std::get_if<Scale>(&request)) ||
           is_free(std::get_if<Elementwise>(&request));
}

class TimeDistributed final : public Composite, public CountsMacs, public Lowers {
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

    static Shapes steps(const Shapes& in) {
        Shapes out;
        for (const Shape& shape : in) out.push_back(step(shape));
        return out;
    }

    WeightSpecs weights(const Shapes& in) const override { return layer.weights("layer", inner(in)); }

    Shapes compute_output_shape(const Shapes& in) const override {
        for (const Shape& shape : in) require(shape.rank() >= 3, "input must have rank 3 or more, found shape ", shape);
        Shapes out = layer->compute_output_shape(inner(in));
        if (context().dialect == Dialect::keras3 && (in.size() > 1 || out.size() > 1))
            fail(Code::unsupported, "several inputs or outputs");  // Keras 3 cannot run them either
        for (Shape& shape : out) shape = unfolded(shape, in[0]);
        return out;
    }

    DType input_dtype(std::size_t i, DType given) const override { return layer->input_dtype(i, given); }
    DTypes compute_output_dtype(const DTypes& in) const override { return layer->compute_output_dtype(in); }

    Shapes state_shapes(const Shapes& in) const override { return layer->state_shapes(steps(in)); }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        const auto* counting = dynamic_cast<const CountsMacs*>(layer.operator->());
        return counting == nullptr ? std::nullopt : counting->macs(inner(in));
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const auto* lowers = dynamic_cast<const Lowers*>(layer.operator->());
        if (lowers == nullptr || !state_shapes(in).empty()) return {};
        if (lowers->mask_rule().outputs == MaskRule::Outputs::made) return {};
        const Shapes own = inner(in);
        std::optional<Request> request = lowers->lower(own, w.below("layer"));
        if (!request || is_free_of_shapes(*request)) return request;
        return Reshaped{std::make_shared<AnyRequest>(AnyRequest{std::move(*request)}), own,
                        layer->compute_output_shape(own)};
    }

    /// What the layer does with masks of single steps is its own business while it runs.
    MaskRule mask_rule() const override {
        const auto* lowers = dynamic_cast<const Lowers*>(layer.operator->());
        const bool ignores = lowers != nullptr && lowers->mask_rule().inputs == MaskRule::Inputs::ignored &&
                             lowers->mask_rule().outputs == MaskRule::Outputs::given;
        if (!ignores) return {MaskRule::Inputs::refused};
        const bool is_given = context().dialect == Dialect::keras3;
        return {MaskRule::Inputs::ignored, is_given ? MaskRule::Outputs::given : MaskRule::Outputs::computed};
    }

    Masks compute_mask(const Tensors& x, const Masks& in) const override {
        const Tensor given = in.empty() ? Tensor() : in.front();
        if (context().dialect == Dialect::keras3 || !given.has_value()) return {given};
        return masks_of_outputs(given.shape(), given, layer->compute_mask(x, {folded(given)}));
    }

    bool lowers_from(DType dtype) const override {
        const auto* lowers = dynamic_cast<const Lowers*>(layer.operator->());
        return lowers != nullptr && lowers->lowers_from(dtype);
    }

    Masks call_and_mask(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                        Tensors& y) const override {
        Shapes shapes;
        for (const Tensor& input : x) shapes.push_back(input.shape());
        if (state_shapes(shapes).empty()) return all_at_once(x, masks, w, y);
        if (state.empty()) fail(Code::unsupported, "a stateful layer inside another layer");
        return one_by_one(x, masks, w, state, y);
    }

    Masks all_at_once(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const {
        Tensors in, out, none;
        Masks hidden;
        for (const Tensor& input : x) in.push_back(folded(input));
        for (const Tensor& mask : masks) hidden.push_back(folded(mask));
        require_own_mask(in, hidden);
        for (const Tensor& output : y)
            out.push_back(output.has_value() ? Tensor::uninitialized(output.dtype(), folded(output.shape())) : output);
        const Masks own = layerctl::call_and_mask(*layer, in, hidden, w.below("layer"), none, out);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = out[i].reshaped(unfolded(out[i].shape(), x[0].shape()));
        return masks_of_outputs(x[0].shape(), masks.empty() ? Tensor() : masks.front(), own);
    }

    /// One value for each step meets the last axis of what Keras' Softmax is given: those of other entries of the
    /// batch.
    void require_own_mask(const Tensors& in, const Masks& masks) const {
        for (std::size_t i = 0; i < masks.size(); ++i)
            if (layer.class_name() == "Softmax" && masks[i].has_value() &&
                masks[i].shape().rank() != in[i].shape().rank())
                fail(Code::unsupported, "a mask of shape ", masks[i].shape(), " over values of shape ", in[i].shape(),
                     ", which Keras spreads over the batch");
    }

    // Keras 3 lets the mask pass. Keras 2 asks the layer, which may also make one.
    Masks masks_of_outputs(const Shape& x, const Tensor& given, const Masks& own) const {
        if (context().dialect == Dialect::keras3) return {given};
        Masks out;
        for (const Tensor& mask : own) {
            if (mask.has_value()) out.push_back(mask.reshaped(unfolded(mask.shape(), x)));
            else out.push_back(given.has_value() ? any_of_step(given) : given);
        }
        return out;
    }

    /// Step after step, so that each finds the state that the one before left. Keras 2 takes the first step once more
    /// to see what it returns, and the state keeps that.
    Masks one_by_one(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state, Tensors& y) const {
        for (const Tensor& mask : masks)
            if (mask.has_value()) fail(Code::unsupported, "a mask over the steps of a stateful layer");
        std::vector<rnn::Steps> in;
        for (const Tensor& input : x) in.emplace_back(input, false, false);
        const Weights own = w.below("layer");
        const auto take = [&](std::int64_t t) {
            Tensors now, out;
            for (const rnn::Steps& steps : in) now.push_back(steps.step_of(steps.rows(), t));
            for (const Tensor& output : y) out.push_back(Tensor::uninitialized(output.dtype(), step(output.shape())));
            layer->call_stateful(now, Masks(now.size()), own, state, out);
            return out;
        };
        Tensors sequences;
        for (const Tensor& output : y) sequences.push_back(in[0].sequence_of(step(output.shape()), output.dtype()));
        if (context().dialect != Dialect::keras3 && in[0].count() > 0) take(0);
        for (std::int64_t t = 0; t < in[0].count(); ++t) {
            const Tensors out = take(t);
            for (std::size_t i = 0; i < y.size(); ++i) in[0].store(out[i], t, sequences[i]);
        }
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = in[0].finished(sequences[i]);
        return Masks(y.size());
    }
};

LAYERCTL_REGISTER_LAYER(TimeDistributed);

}  // namespace
}  // namespace layerctl
