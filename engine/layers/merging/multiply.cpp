// Multiply: the product of the inputs; Keras 3 leaves masked factors out.
#include "engine/layers/merging/merge.hpp"

namespace layerctl {
namespace {

class Multiply final : public Merge {
public:
    Multiply() : Merge(Combine::Kind::multiply) {}

private:
    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_arithmetic(y[0].dtype(),
                        [&]<class T>(Type<T>) { fold<T>(x, y[0], [](T a, T b) { return static_cast<T>(a * b); }); });
    }

    MaskRule mask_rule() const override {
        return context().dialect == Dialect::keras3 ? MaskRule{MaskRule::Inputs::refused} : Merge::mask_rule();
    }

    /// Keras 3: a masked factor counts as 1; where every input has a mask and all are masked, the product is 0.
    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        call(x, w, y);
        if (context().dialect != Dialect::keras3) return;
        with_arithmetic(y[0].dtype(), [&]<class T>(Type<T>) { multiply_unmasked<T>(x, masks, y[0]); });
    }

    template <class T>
    static void multiply_unmasked(const Tensors& x, const Masks& masks, Tensor& y) {
        const Tensors in = aligned(x, y);
        const Masks keep = aligned_masks(x, masks, y);
        for (T& value : y.mutable_values<T>()) value = 1;
        Tensor any(y.dtype(), y.shape());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const Tensor kept = keep[i].has_value() ? keep[i].cast(y.dtype()) : ones<T>();
            Tensor factor = ops::broadcast_to(in[i], y.shape());
            ops::binary<T>(factor, kept, factor, [](T value, T flag) { return flag != 0 ? value : T{1}; });
            ops::binary<T>(y, factor, y, [](T a, T b) { return static_cast<T>(a * b); });
            ops::binary<T>(any, kept, any, [](T a, T b) { return static_cast<T>(a != 0 || b != 0); });
        }
        ops::binary<T>(y, any, y, [](T value, T flag) { return flag != 0 ? value : T{0}; });
    }

    template <class T>
    static Tensor ones() {
        return Tensor::from(Shape{}, std::vector<T>{1});
    }
};

LAYERCTL_REGISTER_LAYER(Multiply);

}  // namespace
}  // namespace layerctl
