#include "engine/layers/rnn/lstm_cell.hpp"

namespace layerctl {

void LSTMCell::config(ConfigIo& io) {
    DenseCell::config(io);
    gates_.config(io);
    gates_.activation = activation;
}

Tensor LSTMCell::step(const Tensor& projected, const Weights& w, Tensors& states) const {
    Tensor z = projected;
    rnn::add_product(states[0], w["recurrent_kernel"], z);
    return gates_.step(z, states);
}

std::optional<Recurrence> LSTMCell::recurrence(const Weights& w) const {
    std::optional<Recurrence> recurrence = DenseCell::recurrence(w);
    recurrence->cell = Recurrence::Cell::lstm;
    recurrence->recurrent_activation = gates_.recurrent_activation;
    return recurrence;
}

LAYERCTL_REGISTER_LAYER(LSTMCell);

}  // namespace layerctl
