#!/usr/bin/env python3
"""Write the group `named_weights`: weights that are only arrays with the names of Keras' variables.

    python make_golden_named_weights.py OUT_DIR        (run once per Keras version; needs the package safetensors)

`model.weights.safetensors` is written by that package, `model.weights.npz` by numpy; `model.json` is the architecture.
"""
import json
import os
import sys

from fixture_common import *
from safetensors.tensorflow import save_file


def mlp():
    return keras.Sequential([inp((6,)), L.Dense(5, activation="relu"), L.BatchNormalization(), L.Dense(3)])


def nested():
    inner = keras.Sequential([inp((5,)), L.Dense(4, name="d1"), L.BatchNormalization(), L.Dense(5, name="d2")], name="sub")
    i = inp((6,))
    x = L.Dense(5, name="first")(i)
    return keras.Model(i, L.Dense(2, name="last")(inner(x)))


def recurrent():
    i = inp((5, 4))
    x = L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.LSTMCell(2)]), return_sequences=True)(i)
    x = L.RNN([L.GRUCell(3), L.GRUCell(3)], return_sequences=True)(x)
    x = L.Bidirectional(L.LSTM(3, return_sequences=True), name="bi")(x)
    return keras.Model(i, L.GRU(3)(x))


def wrappers():
    i = inp((5, 4))
    x = L.TimeDistributed(L.Dense(3))(i)
    inner = keras.Sequential([inp((3,)), L.Dense(3), L.BatchNormalization(), L.Dense(3)])
    x = L.TimeDistributed(inner)(x)
    x = L.SpectralNormalization(L.Dense(3))(x)
    return keras.Model(i, L.Normalization(mean=0.5, variance=2.0)(x))


def attention():
    i = inp((5, 4))
    x = L.MultiHeadAttention(2, 3)(i, i)
    x = L.LayerNormalization()(x)
    return keras.Model(i, L.SeparableConv1D(3, 3)(x))


def bfloat16():
    return keras.Sequential([inp((6,)), L.Dense(5, dtype="bfloat16"), L.Dense(3, dtype="float16")])


MODELS = {f.__name__: f for f in (mlp, nested, recurrent, wrappers, attention, bfloat16)}


def main(out):
    corpus = Corpus(out)
    for name, build in MODELS.items():
        models = []
        half = {"atol": 2e-2, "rtol": 2e-2} if name == "bfloat16" else {}
        info = corpus.case("named_weights", name, build, fmts=["h5", "json"],
                           after=lambda model, rng: models.append(model), **half)
        if not info:
            continue
        folder = os.path.join(out, "named_weights", info["case"])
        arrays = {(w.path if K3 else w.name): w.numpy() for w in models[0].weights}
        save_file({k: tf.constant(v) for k, v in arrays.items()},
                  os.path.join(folder, "model.weights.safetensors"), metadata={"format": "tf"})
        info["files"]["model.weights.safetensors"] = "saved"
        if name != "bfloat16":  # numpy has none
            np.savez(os.path.join(folder, "model.weights.npz"), **arrays)
            info["files"]["model.weights.npz"] = "saved"
        with open(os.path.join(folder, "case.json"), "w", encoding="utf-8") as f:
            json.dump(info, f, indent=1, ensure_ascii=False)
    corpus.finish("named weights")


if __name__ == "__main__":
    main(sys.argv[1])
