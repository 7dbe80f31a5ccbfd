// ConvLstm: LSTM over images — its products are convolutions — in one, two or three spatial axes.
#pragma once

#include "engine/layers/rnn/lstm_gates.hpp"
#include "engine/layers/rnn/rnn.hpp"
#include "engine/ops/conv.hpp"

namespace layerctl {

/// One step: z = conv(x, kernel) + bias + conv(h, recurrent_kernel), the latter `same` and without strides.
class ConvLstmCell final : public Cell {
public:
    explicit ConvLstmCell(std::size_t rank) : window_(rank), recurrent_window_(rank) {}

    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    Shapes states_of(const Shape& x) const override;
    std::optional<std::int64_t> macs(const Shapes& in) const override;

    /// Channels last, whatever the format of x.
    Tensor project(const Tensor& x, const Weights& w) const override;
    Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const override;

    /// The cell in the terms of the fast engine, for inputs x of one step; nothing if it has no words for it.
    std::optional<ConvRecurrence> conv_recurrence(const Shape& x, const Weights& w) const;

private:
    ops::SpatialShape split(const Shape& x) const;
    Tensor in_last(const Tensor& x) const;
    Tensor in_format(const Tensor& x) const;

    ops::Window window_;
    ops::Window recurrent_window_;
    std::int64_t filters_ = 0;
    bool use_bias_ = true;
    LstmGates gates_;
    Initializer kernel_initializer_ = Initializer::glorot_uniform();
    Initializer recurrent_initializer_ = Initializer::orthogonal();
    Initializer bias_initializer_ = Initializer::zeros();
};

class ConvLstm : public Rnn {
protected:
    explicit ConvLstm(std::size_t rank) : cell_(rank) {}

    void config(ConfigIo& io) override;
    const Cell& cell() const override { return cell_; }
    bool heeds_zero_output() const override { return context().dialect == Dialect::keras3; }
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;
    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }

private:
    ConvLstmCell cell_;
};

}  // namespace layerctl
