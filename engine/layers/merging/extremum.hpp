// What Maximum and Minimum share: in Keras 3 a masked value gives way to the other inputs' values.
#pragma once

#include "engine/layers/merging/merge.hpp"

namespace layerctl {

template <class Pick>
class Extremum : public Merge {
public:
    Extremum() : Merge(Pick::kind) {}

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_arithmetic(y[0].dtype(), [&]<class T>(Type<T>) { fold<T>(x, y[0], Pick()); });
    }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        if (context().dialect != Dialect::keras3) return call(x, w, y);
        with_arithmetic(y[0].dtype(), [&]<class T>(Type<T>) { fold_unmasked<T>(x, masks, y[0]); });
    }

    MaskRule mask_rule() const override {
        return context().dialect == Dialect::keras3 ? MaskRule{MaskRule::Inputs::refused} : Merge::mask_rule();
    }

private:
    /// As Keras: what was merged so far counts as unmasked once an input without a mask took part.
    template <class T>
    static void fold_unmasked(const Tensors& x, const Masks& masks, Tensor& y) {
        const Tensors in = aligned(x, y);
        const Masks keep = aligned_masks(x, masks, y);
        y = ops::broadcast_to(in[0], y.shape());
        Tensor merged = flags(keep[0], y);
        for (std::size_t i = 1; i < in.size(); ++i) {
            const Tensor next = flags(keep[i], y);
            Tensor value = ops::broadcast_to(in[i], y.shape());
            take_over<T>(y, next, value);
            take_over<T>(value, merged, y);
            ops::binary<T>(y, value, y, Pick());
            merged = keep[i].has_value() && merged.has_value() ? either(merged, next) : Tensor();
        }
    }

    static Tensor flags(const Tensor& mask, const Tensor& y) {
        return mask.has_value() ? ops::broadcast_to(mask, y.shape()) : Tensor();
    }

    /// to = from, where the mask, if there is one, is false.
    template <class T>
    static void take_over(const Tensor& from, const Tensor& mask, Tensor& to) {
        if (!mask.has_value()) return;
        const auto keep = mask.values<bool>();
        const auto source = from.values<T>();
        const auto target = to.mutable_values<T>();
        for (std::size_t i = 0; i < keep.size(); ++i)
            if (!keep[i]) target[i] = source[i];
    }

    static Tensor either(const Tensor& a, const Tensor& b) {
        Tensor out(DType::boolean, a.shape());
        ops::binary<bool>(a, b, out, std::logical_or<>());
        return out;
    }
};

/// The comparison that decides, with NaN winning as in TensorFlow.
struct PickLarger {
    static constexpr Combine::Kind kind = Combine::Kind::maximum;

    template <class T>
    T operator()(T a, T b) const {
        return a >= b || a != a ? a : b;
    }
};
struct PickSmaller {
    static constexpr Combine::Kind kind = Combine::Kind::minimum;

    template <class T>
    T operator()(T a, T b) const {
        return a <= b || a != a ? a : b;
    }
};

}  // namespace layerctl
