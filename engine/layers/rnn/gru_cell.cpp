#include "engine/layers/rnn/gru_cell.hpp"

#include <functional>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

template <class Op>
void combine(const Tensor& a, const Tensor& b, Tensor& y, Op op) {
    with_float(y.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(a, b, y, op); });
}

}  // namespace

void GRUCell::config(ConfigIo& io) {
    DenseCell::config(io);
    io.optional("recurrent_activation", recurrent_activation, keeps_shape);
    io.optional("reset_after", reset_after);
}

// Writers older than tf.keras 2 have no `reset_after` and mean false.
bool GRUCell::resets_after() const { return reset_after.value_or(context().dialect == Dialect::keras3); }

Shape GRUCell::bias_shape() const { return resets_after() ? Shape{2, gates * units} : Shape{gates * units}; }

/// h · recurrent_kernel, with its own bias if there is one; without `reset_after` the new block is left out.
Tensor GRUCell::recurrent_blocks(const Tensor& h, const Weights& w) const {
    const Tensor& kernel = w["recurrent_kernel"];
    const std::int64_t columns = (resets_after() ? 3 : 2) * units;
    Tensor y(h.dtype(), h.shape().with_back(columns));
    rnn::add_product(h, resets_after() ? kernel : rnn::part(kernel, 0, columns), y);
    if (resets_after() && use_bias) ops::add_bias(y, w["bias"].rows(1, 2).reshaped({columns}));
    return y;
}

Tensor GRUCell::memory(const Tensor& reset, const Tensor& h, const Tensor& blocks, const Weights& w) const {
    Tensor kept = resets_after() ? rnn::part(blocks, 2, units) : h;
    combine(reset, kept, kept, std::multiplies<>());
    if (resets_after()) return kept;
    Tensor y(h.dtype(), h.shape());
    rnn::add_product(kept, rnn::part(w["recurrent_kernel"], 2, units), y);
    return y;
}

// h = z·h + (1 − z)·activation(x_h + memory)
Tensor GRUCell::step(const Tensor& projected, const Weights& w, Tensors& states) const {
    const Tensor h = states[0];
    const Tensor blocks = recurrent_blocks(h, w);
    Tensor update = rnn::part(projected, 0, units), reset = rnn::part(projected, 1, units);
    combine(update, rnn::part(blocks, 0, units), update, std::plus<>());
    combine(reset, rnn::part(blocks, 1, units), reset, std::plus<>());
    ops::apply(recurrent_activation, update);
    ops::apply(recurrent_activation, reset);
    Tensor fresh = rnn::part(projected, 2, units);
    combine(fresh, memory(reset, h, blocks, w), fresh, std::plus<>());
    ops::apply(activation, fresh);
    Tensor next = h;
    combine(next, fresh, next, std::minus<>());
    combine(update, next, next, std::multiplies<>());
    combine(next, fresh, next, std::plus<>());  // z·(h − n) + n
    states[0] = next;
    return next;
}

std::optional<Recurrence> GRUCell::recurrence(const Weights& w) const {
    std::optional<Recurrence> recurrence = DenseCell::recurrence(w);
    recurrence->cell = Recurrence::Cell::gru;
    recurrence->recurrent_activation = recurrent_activation;
    recurrence->reset_after = resets_after();
    return recurrence;
}

LAYERCTL_REGISTER_LAYER(GRUCell);

}  // namespace layerctl
