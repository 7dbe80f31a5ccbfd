#include "engine/layers/rnn/simple_rnn_cell.hpp"

namespace layerctl {

Tensor SimpleRNNCell::step(const Tensor& projected, const Weights& w, Tensors& states) const {
    Tensor h = projected;
    rnn::add_product(states[0], w["recurrent_kernel"], h);
    ops::apply(activation, h);
    states[0] = h;
    return h;
}

LAYERCTL_REGISTER_LAYER(SimpleRNNCell);

}  // namespace layerctl
