// GRUCell: a step of a gated recurrent unit; blocks of the kernels: update, reset, new.
#pragma once

#include "engine/layers/rnn/dense_cell.hpp"

namespace layerctl {

class GRUCell final : public DenseCell {
public:
    GRUCell() : DenseCell(3, 1) {}

    void config(ConfigIo& io) override;
    Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const override;
    std::optional<Recurrence> recurrence(const Weights& w) const override;

protected:
    Shape bias_shape() const override;

private:
    bool resets_after() const;

    /// (reset·h) · kernel, or reset·(h · kernel + bias), as `reset_after` says. `blocks` are those of h · kernel +
    /// bias.
    Tensor memory(const Tensor& reset, const Tensor& h, const Tensor& blocks, const Weights& w) const;
    Tensor recurrent_blocks(const Tensor& h, const Weights& w) const;

    Activation recurrent_activation{.id = Activation::Id::sigmoid};
    std::optional<bool> reset_after;
};

}  // namespace layerctl
