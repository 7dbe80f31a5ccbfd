#!/usr/bin/env python3
"""Write the group `state`: recurrent layers around other layers, states given, read and set, models within TimeDistributed.

    python make_golden_state.py OUT_DIR        (run once per Keras version)

Cases end in _k2 or _k3. Where `case.json` has `states`, the listed layers' states were set to the arrays `before`; the
call that followed returned `y*_set.npy` and left the arrays `after`.
"""
import sys

from fixture_common import *  # noqa: F401,F403
from fixture_common import K3, L, SUFFIX, Corpus, to_np

S, M, I = keras.Sequential, keras.Model, keras.Input
GROUP = "state"
VERSION = 3 if K3 else 2


def masked(layer, shape=(5, 4), **kw):
    x = I(shape, **kw)
    return M(x, layer(L.Masking()(x)))


def holes(rng, shape=(3, 5, 4)):
    x = rng.normal(0, 1, shape).astype("float32")
    x[0, 3:] = 0
    x[1, 1] = 0
    x[2, 0] = 0
    return x


def recurrent_layers(layer):
    """The layers of Keras' own that keep the states, in the order in which the wrapper counts them."""
    if isinstance(layer, L.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    return [layer]


def variables(layer):
    return [v for inner in recurrent_layers(layer) for v in tf.nest.flatten(inner.states)]


def set_states(layer, arrays):
    if not K3 and not isinstance(layer, L.Bidirectional):
        layer.reset_states(states=list(arrays))  # Keras' own way; Keras 3 has none but assigning
        return
    for variable, array in zip(variables(layer), arrays):
        variable.assign(array)


def stateful(c, name, build, **kw):
    info = c.case(GROUP, name, build, VERSION, twice=True, fmts=["h5"], **kw)
    if info is None:
        return
    folder = os.path.join(c.out, GROUP, name + SUFFIX)
    model = keras.models.load_model(os.path.join(folder, "model.h5"), compile=False)
    rng = np.random.RandomState(info["seed"] % 1000)
    x = [np.load(os.path.join(folder, i["file"])) for i in info["inputs"]]
    x = x if len(x) > 1 else x[0]
    model(x, training=False)
    owners = [l for l in model.layers if getattr(recurrent_layers(l)[0], "stateful", False) and not isinstance(l, L.TimeDistributed)]
    states = []
    for k, layer in enumerate(owners):
        before = [rng.normal(0, 1, v.shape).astype("float32") for v in variables(layer)]
        set_states(layer, before)
        states.append({"layer": layer.name, "before": [], "after": []})
        for i, array in enumerate(before):
            states[-1]["before"].append("state%d_%d_before.npy" % (k, i))
            np.save(os.path.join(folder, states[-1]["before"][-1]), array)
    if not owners:
        return
    for i, y in enumerate(tf.nest.flatten(model(x, training=False))):
        np.save(os.path.join(folder, "y%d_set.npy" % i), to_np(y))
    for k, layer in enumerate(owners):
        for i, variable in enumerate(variables(layer)):
            states[k]["after"].append("state%d_%d_after.npy" % (k, i))
            np.save(os.path.join(folder, states[k]["after"][-1]), to_np(tf.convert_to_tensor(variable)))
    info["states"] = states
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump(info, out, indent=1, ensure_ascii=False)


def states(c):
    for kind in ("SimpleRNN", "GRU", "LSTM"):
        make = getattr(L, kind)
        stateful(c, "set_%s" % kind.lower(), lambda: S([I(batch_shape=(2, 5, 3)), make(4, stateful=True, return_sequences=True)]))
        stateful(c, "set_bidi_%s" % kind.lower(),
                 lambda: S([I(batch_shape=(2, 5, 3)), L.Bidirectional(make(4, stateful=True, return_sequences=True))]))
    stateful(c, "set_two", lambda: S([I(batch_shape=(2, 5, 3)), L.LSTM(4, stateful=True, return_sequences=True),
                                      L.GRU(3, stateful=True), L.Dense(2)]))
    stateful(c, "set_convlstm2d", lambda: S([I(batch_shape=(2, 3, 5, 4, 2)), L.ConvLSTM2D(3, 3, padding="same", stateful=True)]))
    stateful(c, "set_convlstm1d", lambda: S([I(batch_shape=(2, 3, 6, 2)), L.ConvLSTM1D(3, 2, strides=2, stateful=True, return_sequences=True)]))
    stateful(c, "set_stacked_cells", lambda: S([I(batch_shape=(2, 5, 3)), L.RNN([L.LSTMCell(4), L.GRUCell(3)], stateful=True)]))
    stateful(c, "set_back_state", lambda: (lambda x: M(x, L.LSTM(4, stateful=True, go_backwards=True, return_state=True)(x)))(I(batch_shape=(2, 5, 3))))
    stateful(c, "td_stateful", lambda: S([I(batch_shape=(2, 4, 5, 3)), L.TimeDistributed(L.LSTM(4, stateful=True))]))
    stateful(c, "td_bidi_stateful", lambda: S([I(batch_shape=(2, 4, 5, 3)), L.TimeDistributed(L.Bidirectional(L.GRU(4, stateful=True)))]))
    stateful(c, "td_model_stateful", lambda: S([I(batch_shape=(2, 4, 5, 3)), L.TimeDistributed(
        (lambda x: M(x, L.Dense(2)(L.GRU(4, stateful=True)(x))))(I(batch_shape=(2, 5, 3))))]))


def initial_states(c):
    def o(name, build, **kw):
        c.case(GROUP, name, build, VERSION, fmts=["h5"], **kw)

    def given(layer, count, units=4, shape=(5, 3), mask=False):
        x, more = I(shape), [I((units,)) for _ in range(count)]
        return M([x, *more], layer(L.Masking()(x) if mask else x, initial_state=more))
    for kind, count in (("SimpleRNN", 1), ("GRU", 1), ("LSTM", 2)):
        make = getattr(L, kind)
        low = kind.lower()
        o("initial_%s_state" % low, lambda: given(make(4, return_state=True), count))
        o("initial_bidi_%s" % low, lambda: given(L.Bidirectional(make(4, return_sequences=True)), 2 * count))
        o("initial_bidi_%s_state" % low, lambda: given(L.Bidirectional(make(4, return_state=True), merge_mode="sum"), 2 * count))
        o("initial_masked_%s" % low, lambda: given(make(4, return_sequences=True, return_state=True), count, mask=True))
        o("unroll_masked_%s" % low, lambda: masked(make(4, unroll=True, return_sequences=True)), x=holes)
        o("unroll_masked_last_%s" % low, lambda: masked(make(4, unroll=True, go_backwards=True)), x=holes)
        o("bidi_masked_state_%s" % low, lambda: masked(L.Bidirectional(make(4, return_state=True, return_sequences=True))), x=holes)
        o("bidi_masked_none_%s" % low, lambda: masked(L.Bidirectional(make(4), merge_mode=None)), x=holes)
        if not K3:
            o("time_major_%s" % low, lambda: S([I((2, 3)), make(4, time_major=True, return_sequences=True)]))
            o("time_major_state_%s" % low, lambda: (lambda x: M(x, make(4, time_major=True, return_state=True, go_backwards=True)(x)))(I((2, 3))))
            o("time_major_bidi_%s" % low, lambda: S([I((2, 3)), L.Bidirectional(make(4, time_major=True, return_sequences=True))]))
            o("time_major_masked_%s" % low, lambda: masked(make(4, time_major=True, return_sequences=True)), x=holes)
    o("zero_output_rnn", lambda: masked(L.RNN(L.LSTMCell(4), return_sequences=True, zero_output_for_mask=True)), x=holes)
    o("zero_output_rnn_unroll", lambda: masked(L.RNN(L.GRUCell(4), return_sequences=True, zero_output_for_mask=True, unroll=True)), x=holes)
    o("stacked_state", lambda: (lambda x: M(x, L.RNN([L.LSTMCell(4), L.SimpleRNNCell(3)], return_state=True, return_sequences=True)(x)))(I((5, 3))))
    o("stacked_masked", lambda: masked(L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)), x=holes)
    o("convlstm2d_initial", lambda: (lambda x, h, k: M([x, h, k], L.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(x, initial_state=[h, k])))(
        I((3, 5, 4, 2)), I((5, 4, 3)), I((5, 4, 3))))
    o("convlstm2d_masked", lambda: (lambda x: M(x, L.ConvLSTM2D(3, 3, return_sequences=True)(L.TimeDistributed(L.Masking())(x))))(I((3, 5, 4, 2))))
    if not K3:
        def constants():
            x, k = I((5, 3)), I((2,))
            return M([x, k], L.RNN([L.LSTMCell(4), L.GRUCell(3)])(x, constants=k))

        def constants_and_states():
            x, h, k = I((5, 3)), I((4,)), I((2,))
            return M([x, h, k], L.RNN(L.StackedRNNCells([L.GRUCell(4)]), return_sequences=True)(x, initial_state=[h], constants=[k]))
        o("constants", constants)
        o("constants_initial", constants_and_states)


def time_distributed(c):
    def o(name, build, **kw):
        c.case(GROUP, name, build, VERSION, fmts=["h5"], summaries=True, **kw)

    def functional(frozen=False):
        x = I((6, 3))
        y = L.BatchNormalization()(L.Conv1D(4, 3)(x))
        model = M(x, L.Dense(2)(L.GRU(3)(y)))
        model.layers[1].trainable = not frozen
        return model
    o("td_bn_conv_gru", lambda: S([I((4, 6, 3)), L.TimeDistributed(functional())]))
    o("td_frozen_inside", lambda: S([I((4, 6, 3)), L.TimeDistributed(functional(True))]))
    o("td_sequential", lambda: S([I((4, 6, 3)), L.TimeDistributed(S([I((6, 3)), L.LSTM(4), L.BatchNormalization(), L.Dense(2)]))]))
    o("td_sequential_unbuilt", lambda: S([I((4, 6)), L.TimeDistributed(S([L.Dense(4), L.BatchNormalization(), L.Dense(2)]))]))
    o("td_nested", lambda: S([I((4, 6, 3)), L.TimeDistributed((lambda x: M(x, L.Dense(2)(functional()(x))))(I((6, 3))))]))
    o("td_td_model", lambda: S([I((2, 4, 6, 3)), L.TimeDistributed(L.TimeDistributed(functional()))]))
    o("td_functional_masked", lambda: masked(L.TimeDistributed((lambda x: M(x, L.Dense(3)(x)))(I((4,))))), x=holes)

    def words():
        x = I((4, 6), dtype="int32")
        inner = I((6,), dtype="int32")
        vectors = L.LSTM(4)(L.Embedding(9, 3, mask_zero=True)(inner))
        return M(x, L.LSTM(3)(L.TimeDistributed(M(inner, vectors))(x)))
    o("td_words", words, high=9)
    if not K3:
        def mask_made():
            x, inner = I((4, 6)), I((6,))
            return M(x, L.LSTM(3)(L.TimeDistributed(M(inner, L.Dense(6)(L.Masking()(inner))))(x)))
        o("td_mask_made", mask_made, x=lambda rng: holes(rng, (3, 4, 6)))

        def two_in():
            a, b = I((6,)), I((5,))
            inner = M([a, b], L.Add()([L.Dense(4)(a), L.Dense(4)(b)]))
            x, z = I((3, 6)), I((3, 5))
            return M([x, z], L.TimeDistributed(inner)([x, z]))
        o("td_two_inputs", two_in)

        def two_out():
            a = I((6,))
            inner = M(a, [L.Dense(4)(a), L.Dense(2)(a)])
            x = I((3, 6))
            return M(x, L.TimeDistributed(inner)(x))
        o("td_two_outputs", two_out)


if __name__ == "__main__":
    c = Corpus(sys.argv[1], [GROUP], sys.argv[2] if len(sys.argv) > 2 else None)
    os.makedirs(c.out, exist_ok=True)
    states(c)
    initial_states(c)
    time_distributed(c)
    for group, name, why in c.failed:
        print("not produced: %s/%s: %s" % (group, name, why))
