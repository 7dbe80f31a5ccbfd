// SimpleRNNCell: h = activation(x · kernel + bias + h · recurrent_kernel).
#pragma once

#include "engine/layers/rnn/dense_cell.hpp"

namespace layerctl {

class SimpleRNNCell final : public DenseCell {
public:
    SimpleRNNCell() : DenseCell(1, 1) {}

    Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const override;
};

}  // namespace layerctl
