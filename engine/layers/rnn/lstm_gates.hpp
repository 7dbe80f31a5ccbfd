// The gates of LSTM, the same over features and over images.
#pragma once

#include "engine/layers/rnn/cell.hpp"
#include "engine/ops/activation.hpp"

namespace layerctl {

struct LstmGates {
    Activation activation{.id = Activation::Id::tanh};
    Activation recurrent_activation{.id = Activation::Id::sigmoid};
    bool unit_forget_bias = true;

    void config(ConfigIo& io);

    /// How a new bias of four blocks is filled: ones in the block of the forget gate if `unit_forget_bias`.
    Initializer bias_of_new(const Initializer& bias_initializer) const;

    /// With i, f, g, o the blocks of `z` along the last axis and σ the recurrent activation:
    /// c = σ(f)·c + σ(i)·activation(g); h = σ(o)·activation(c). States are h and c; returns h.
    Tensor step(const Tensor& z, Tensors& states) const;
};

}  // namespace layerctl
