// Masking: steps whose features all equal mask_value are masked, and zeroed.
#include "engine/lowering.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// True for the rows of the last axis that hold anything but `value`.
template <class T>
Tensor rows_other_than(const Tensor& x, T value) {
    Tensor mask(DType::boolean, x.shape().slice(0, x.shape().rank() - 1));
    const std::span<bool> any = mask.mutable_values<bool>();
    const T* row = x.values<T>().data();
    for (bool& flag : any)
        for (std::int64_t i = 0; i < x.shape().back(); ++i) flag |= *row++ != value;
    return mask;
}

class Masking final : public Layer, public Lowers {
    double mask_value = 0;

    void config(ConfigIo& io) override { io.optional("mask_value", mask_value); }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 2, "input must have rank 2 or more, found shape ", in[0]);
        return {in[0]};
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const Tensor mask = compute_mask(x, {})[0];
        with_arithmetic(x[0].dtype(), [&]<class T>(Type<T>) {
            const Tensor factor = mask.reshaped(x[0].shape().with_back(1)).cast(x[0].dtype());
            ops::binary<T>(x[0], factor, y[0], [](T value, T keep) { return static_cast<T>(value * keep); });
        });
    }

    Masks compute_mask(const Tensors& x, const Masks&) const override {
        Tensor mask;
        with_arithmetic(x[0].dtype(),
                        [&]<class T>(Type<T>) { mask = rows_other_than<T>(x[0], static_cast<T>(mask_value)); });
        return {mask};
    }

    std::optional<Request> lower(const Shapes&, const Weights&) const override {
        return MaskRows{static_cast<float>(mask_value)};
    }

    MaskRule mask_rule() const override { return {MaskRule::Inputs::ignored, MaskRule::Outputs::made}; }
};

LAYERCTL_REGISTER_LAYER(Masking);

}  // namespace
}  // namespace layerctl
