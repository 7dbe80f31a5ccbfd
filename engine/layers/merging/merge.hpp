// What the elementwise merges share: broadcasting, dtypes and masks.
#pragma once

#include "engine/lowering.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {

/// Merges any number of inputs elementwise. Inputs of lower rank get axes of size 1 behind the batch axis.
class Merge : public Layer, public Lowers {
public:
    explicit Merge(Combine::Kind merging) : kind(merging) {}

    void config(ConfigIo&) override {}
    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    /// Integers stay integers among themselves; with a float among the inputs everything is float.
    DTypes compute_output_dtype(const DTypes& in) const override;

    bool supports_masking() const override { return true; }

    /// Keras 2: AND of the masks there are. Keras 3: OR, and none at all if an input has none.
    Masks compute_mask(const Tensors& x, const Masks& in) const override;

    std::optional<Request> lower(const Shapes&, const Weights&) const override { return Combine{kind}; }
    MaskRule mask_rule() const override { return {MaskRule::Inputs::ignored, MaskRule::Outputs::computed}; }

protected:
    virtual std::size_t least_inputs() const { return 1; }
    virtual std::size_t most_inputs() const { return SIZE_MAX; }

private:
    Combine::Kind kind;
};

/// `x` with axes of size 1 behind the batch axis until it has `rank` axes.
Tensor with_rank(const Tensor& x, std::size_t rank);

/// The inputs of a merge made alike: in the dtype of `y`, and of its rank.
Tensors aligned(const Tensors& x, const Tensor& y);

/// The masks as booleans that broadcast to the aligned inputs; empty where there is none.
Masks aligned_masks(const Tensors& x, const Masks& masks, const Tensor& y);

/// y = op(… op(op(x[0], x[1]), x[2]) …).
template <class T, class Op>
void fold(const Tensors& x, Tensor& y, Op op) {
    const Tensors in = aligned(x, y);
    y = ops::broadcast_to(in[0], y.shape());
    for (std::size_t i = 1; i < in.size(); ++i) ops::binary<T>(y, in[i], y, op);
}

}  // namespace layerctl
