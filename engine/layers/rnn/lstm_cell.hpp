// LSTMCell: a step of long short-term memory; blocks of the kernels: input, forget, new, output.
#pragma once

#include "engine/layers/rnn/dense_cell.hpp"
#include "engine/layers/rnn/lstm_gates.hpp"

namespace layerctl {

class LSTMCell final : public DenseCell {
public:
    LSTMCell() : DenseCell(4, 2) {}

    void config(ConfigIo& io) override;
    Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const override;
    std::optional<Recurrence> recurrence(const Weights& w) const override;

protected:
    Initializer bias_of_new() const override { return gates_.bias_of_new(bias_initializer); }

private:
    LstmGates gates_;
};

}  // namespace layerctl
