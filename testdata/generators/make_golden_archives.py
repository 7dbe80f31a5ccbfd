#!/usr/bin/env python3
"""Write the group `archives`: the same models in the .keras and .weights.h5 files of one version of Keras.

    python make_golden_archives.py OUT_DIR        (run once per Keras version: 2.12 to 2.14, 3.0 and later)

Versions differ in what they call the objects inside. An older Keras runs beside a newer TensorFlow when it comes first
on PYTHONPATH. Keras 3.10 and later also writes its weights in shards. Cases are named after the version.
"""
import json
import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import tensorflow as tf
import keras
import numpy as np
from keras import layers as L

VERSION = tuple(int(part) for part in keras.__version__.split(".")[:2])
K3 = VERSION[0] == 3
SUFFIX = f"keras{VERSION[0]}{VERSION[1]}_k{VERSION[0]}"


def nested():
    inner = keras.Sequential([keras.Input((5,)), L.Dense(4, activation="relu"), L.Dense(5)], name="inner")
    x = inputs = keras.Input((6,))
    x = L.Dense(5, name="first")(x)
    x = L.Activation("tanh")(x)
    x = L.Dense(5, name="second", trainable=False)(x)
    x = L.BatchNormalization()(inner(x))
    x = L.Dropout(0.3)(x)
    return keras.Model(inputs, L.Dense(3, name="last")(x), name="outer")


def recurrent():
    inputs = keras.Input((5, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(inputs)
    x = L.TimeDistributed(L.Dense(4))(x)
    x = L.RNN([L.GRUCell(3), L.LSTMCell(3), L.LSTMCell(2)], return_sequences=True)(x)
    x = L.GRU(4, return_sequences=True)(x)
    return keras.Model(inputs, L.SimpleRNN(3)(x), name="recurrent")


def attention():
    inputs = keras.Input((5, 6))
    x = L.MultiHeadAttention(num_heads=2, key_dim=3)(inputs, inputs)
    x = L.LayerNormalization()(x)
    x = L.SeparableConv1D(4, 3, padding="same")(x)
    return keras.Model(inputs, L.Dense(2, dtype="mixed_float16")(x), name="attention")


def compiled():
    model = keras.Sequential([keras.Input((6,)), L.Dense(4, activation="relu"), L.Dense(3), L.Dense(2)], name="compiled")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((4, 6)), np.ones((4, 2)), verbose=0)
    return model


MODELS = {"nested": nested, "recurrent": recurrent, "attention": attention, "compiled": compiled}


def write(folder, name, build):
    seed = zlib.crc32(name.encode())
    rng = np.random.RandomState(seed)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build()
    for w in model.weights:
        if len(w.shape) or "float" in str(w.dtype):
            w.assign(rng.uniform(0.1, 1.0, w.shape) if "variance" in w.name else rng.normal(0, 0.5, w.shape))
    x = rng.normal(0, 1, (3, *model.inputs[0].shape[1:])).astype("float32")
    y = np.asarray(model(x, training=False))
    os.makedirs(folder)
    files = ["model.keras", "model.weights.h5", "model.json"]
    archive = {"save_format": "keras_v3"} if VERSION == (2, 12) else {}  # else an h5, whatever its name
    model.save(os.path.join(folder, "model.keras"), **archive)
    model.save_weights(os.path.join(folder, "model.weights.h5"))
    with open(os.path.join(folder, "model.json"), "w") as out:
        out.write(model.to_json())
    if VERSION >= (3, 10):
        model.save_weights(os.path.join(folder, "model.weights.json"), max_shard_size=400 / 1024**3)
        files.append("model.weights.json")
    np.save(os.path.join(folder, "x0.npy"), x)
    np.save(os.path.join(folder, "y0.npy"), y)
    half = "float16" in str(y.dtype)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "archives",
                   "case": os.path.basename(folder), "seed": seed,
                   "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": "float32",
                               "declared_shape": [None, *x.shape[1:]], "declared_dtype": "float32"}],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": str(y.dtype)}],
                   "atol": 4e-3 if half else 2e-5, "rtol": 4e-3 if half else 1e-4, "computed_by": "keras",
                   "files": {file: "saved" for file in files}, "note": ""}, out, indent=1)


def main(out):
    for name, build in MODELS.items():
        write(os.path.join(out, "archives", f"{name}_{SUFFIX}"), name, build)


if __name__ == "__main__":
    main(sys.argv[1])
