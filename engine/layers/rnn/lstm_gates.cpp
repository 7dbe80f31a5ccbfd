#include "engine/layers/rnn/lstm_gates.hpp"

#include "models/dispatch.hpp"

namespace layerctl {

void LstmGates::config(ConfigIo& io) {
    io.optional("recurrent_activation", recurrent_activation, keeps_shape);
    io.optional("unit_forget_bias", unit_forget_bias);
}

Initializer LstmGates::bias_of_new(const Initializer& bias_initializer) const {
    return unit_forget_bias ? Initializer::unit_forget_bias(bias_initializer) : bias_initializer;
}

Tensor LstmGates::step(const Tensor& z, Tensors& states) const {
    const std::int64_t n = z.shape().back() / 4;
    Tensor in = rnn::part(z, 0, n), forget = rnn::part(z, 1, n), fresh = rnn::part(z, 2, n), out = rnn::part(z, 3, n);
    for (Tensor* gate : {&in, &forget, &out}) ops::apply(recurrent_activation, *gate);
    ops::apply(activation, fresh);
    Tensor c = states[1];
    with_float(z.dtype(), [&]<class T>(Type<T>) {
        const std::span<T> kept = c.mutable_values<T>();
        const std::span<const T> i = std::as_const(in).values<T>(), f = std::as_const(forget).values<T>(),
                                 g = std::as_const(fresh).values<T>();
        for (std::size_t k = 0; k < kept.size(); ++k) kept[k] = f[k] * kept[k] + i[k] * g[k];
        Tensor h = c;
        ops::apply(activation, h);
        const std::span<const T> o = std::as_const(out).values<T>();
        const std::span<T> values = h.mutable_values<T>();
        for (std::size_t k = 0; k < values.size(); ++k) values[k] *= o[k];
        states[0] = h;
    });
    states[1] = c;
    return states[0];
}

}  // namespace layerctl
