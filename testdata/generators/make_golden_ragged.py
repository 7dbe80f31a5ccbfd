#!/usr/bin/env python3
"""Write the group `ragged`: inputs of rows of unequal length, Keras 2.15 (Keras 3.12 has none).

    python make_golden_ragged.py OUT_DIR

Files hold arrays, so such an input is two of them: x0.npy the rows padded with numbers that must not count, x1.npy
their lengths.
"""
from fixture_common import *

GROUP = "ragged"
LENGTHS = np.array([4, 1, 2], "int32")


def ids(rng):
    return [rng.randint(1, 9, (3, 4)).astype("int32"), LENGTHS]


def vectors(rng, lengths=LENGTHS):
    return [rng.normal(size=(len(lengths), 5, 3)).astype("float32"), lengths]


def run(model, data):
    return model(tf.RaggedTensor.from_tensor(tf.constant(data[0]), lengths=data[1]), training=False)


def words(*layers):
    return keras.Sequential([keras.Input((None,), dtype="int32", ragged=True), L.Embedding(9, 4), *layers])


def series(*layers):
    return keras.Sequential([keras.Input((None, 3), ragged=True), *layers])


def nested():
    x = keras.Input((None, 3), ragged=True)
    inner = keras.Input((None, 4), ragged=True)
    return keras.Model(x, L.Dense(2)(keras.Model(inner, L.GRU(3)(inner))(L.Dense(4, activation="relu")(x))))


def two_paths():
    x = keras.Input((None, 3), ragged=True)
    return keras.Model(x, L.Concatenate()([L.LSTM(2)(x), L.SimpleRNN(2)(x)]))


CASES = {
    "lstm_of_words": (lambda: words(L.LSTM(3), L.Dense(2)), ids),
    "gru_of_words": (lambda: words(L.GRU(3), L.Dense(2)), ids),
    "gru_reset_before": (lambda: words(L.GRU(3, reset_after=False)), ids),
    "simple_rnn": (lambda: series(L.SimpleRNN(3)), vectors),
    "stacked": (lambda: series(L.LSTM(4, return_sequences=True), L.GRU(3, return_sequences=True), L.SimpleRNN(2)), vectors),
    "dense_of_steps": (lambda: series(L.Dense(5, activation="tanh"), L.LSTM(3)), vectors),
    "empty_rows": (lambda: series(L.LSTM(3, return_sequences=True), L.LSTM(3)), lambda rng: vectors(rng, np.array([0, 5, 3, 0], "int32"))),
    "nested": (nested, vectors),
    "two_paths": (two_paths, vectors),
}

if __name__ == "__main__":
    c = Corpus(sys.argv[1], [GROUP], sys.argv[2] if len(sys.argv) > 2 else None)
    os.makedirs(c.out, exist_ok=True)
    for name, (build, x) in CASES.items():
        c.case(GROUP, name, build, 2, fmts=["h5", "keras"], x=x, call=run, note="x0.npy is the padded form of the ragged input, x1.npy holds its row lengths")
    for group, name, why in c.failed:
        print("not produced: %s/%s: %s" % (group, name, why))
