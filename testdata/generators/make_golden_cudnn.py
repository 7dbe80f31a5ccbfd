#!/usr/bin/env python3
"""Write the cases cudnn_* of the group `legacy`: layers and weights of cuDNN (run with Keras 2.15).

    python make_golden_cudnn.py OUT_DIR

CuDNNLSTM and CuDNNGRU can be built and saved without a GPU, but not run. What they compute is told by the same model of LSTM
and GRU, into which Keras itself loads their weights. `cudnn_*`: a file of such layers. `cudnn_into_*`: their weights and the
architecture of plain layers. `cudnn_from_*`: the reverse. Cases end in _k2.
"""
import json
import os
import shutil
import sys
import zlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

from fixture_common import summary_text

V1 = tf.compat.v1.keras.layers
CUDNN = {"LSTM": V1.CuDNNLSTM, "GRU": V1.CuDNNGRU}
PLAIN = {"LSTM": L.LSTM, "GRU": L.GRU}


def stack(*makers, shape=(5, 3), batch=None):
    def build(kinds):
        x = y = L.Input(batch_shape=(batch,) + shape)
        for make in makers:
            y = make(kinds)(y)
        return keras.Model(x, y)
    return build


def nested(kind):
    def build(kinds):
        inner = L.Input((5, 3))
        layer = kinds[kind](4, return_sequences=True)
        frozen = kinds[kind](3)
        frozen.trainable = False
        model = keras.Model(inner, frozen(L.BatchNormalization()(layer(inner))))
        x = L.Input((5, 3))
        return keras.Model(x, L.Dense(2)(model(x)))
    return build


MODELS = {}
for kind in ("LSTM", "GRU"):
    low = kind.lower()
    MODELS[low] = stack(lambda k, n=kind: k[n](4), lambda k: L.Dense(2))
    MODELS[low + "_sequences"] = stack(lambda k, n=kind: k[n](4, return_sequences=True), lambda k, n=kind: k[n](3, go_backwards=True))
    MODELS[low + "_state"] = stack(lambda k, n=kind: k[n](4, return_state=True))
    MODELS[low + "_stateful"] = stack(lambda k, n=kind: k[n](4, stateful=True), batch=2)
    MODELS[low + "_time_major"] = stack(lambda k, n=kind: k[n](4, time_major=True, return_sequences=True), shape=(2, 3))
    MODELS[low + "_bidirectional"] = stack(lambda k, n=kind: L.Bidirectional(k[n](4, return_sequences=True)),
                                           lambda k, n=kind: L.Bidirectional(k[n](2), merge_mode="sum"))
    MODELS[low + "_nested"] = nested(kind)
    MODELS[low + "_time_distributed"] = stack(lambda k, n=kind: L.TimeDistributed(k[n](4)), shape=(2, 5, 3))


def randomize(model, rng):
    model.set_weights([w + 0.3 * rng.normal(size=w.shape).astype(w.dtype) if "variance" not in v.name else rng.uniform(0.5, 1.5, w.shape)
                       for v, w in zip(model.weights, model.get_weights())])


def describe(folder, model, x, ys, note, stateful):
    for name, array in [("x0", x)] + [("y%d" % i, y) for i, y in enumerate(ys)]:
        np.save(os.path.join(folder, name + ".npy"), array)
    with open(os.path.join(folder, "summary.txt"), "w", encoding="utf-8") as out:
        out.write(summary_text(model))
    facts = {"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "legacy",
             "case": os.path.basename(folder), "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
             "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": "float32", "declared_shape": list(model.inputs[0].shape)}],
             "outputs": [{"file": "y%d.npy" % i, "shape": list(y.shape), "dtype": "float32"} for i, y in enumerate(ys)],
             "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {}, "note": note}
    if stateful:
        facts["stateful"] = True
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump(facts, out, indent=1)


def arrays(y):
    return [np.asarray(a) for a in tf.nest.flatten(y)]


def fresh(out, name):
    folder = os.path.join(out, "legacy", "cudnn_%s_k2" % name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def run(model, x, folder, stateful):
    ys = arrays(model(x, training=False))
    if stateful:
        for i, y in enumerate(arrays(model(x, training=False))):
            np.save(os.path.join(folder, "y%d_call2.npy" % i), y)
    return ys


def write(out, name, build):
    seed = zlib.crc32(name.encode()) % 2 ** 31
    rng = np.random.RandomState(seed)
    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    cudnn = build(CUDNN)
    randomize(cudnn, rng)
    x = rng.normal(size=[3 if d is None else d for d in cudnn.inputs[0].shape]).astype("float32")
    stateful = "stateful" in name

    folder = fresh(out, name)
    cudnn.save(os.path.join(folder, "model.h5"))
    plain = build(PLAIN)
    plain.load_weights(os.path.join(folder, "model.h5"))
    describe(folder, cudnn, x, run(plain, x, folder, stateful), "outputs of plain layers with the same weights", stateful)

    into = fresh(out, "into_" + name)
    cudnn.save_weights(os.path.join(into, "legacy_weights.h5"), save_format="h5")
    with open(os.path.join(into, "architecture.json"), "w") as file:
        file.write(plain.to_json())
    plain.reset_states()
    describe(into, plain, x, run(plain, x, into, stateful), "weights of cuDNN layers loaded by plain ones", stateful)

    back = fresh(out, "from_" + name)
    randomize(plain, rng)
    plain.save_weights(os.path.join(back, "legacy_weights.h5"), save_format="h5")
    with open(os.path.join(back, "architecture.json"), "w") as file:
        file.write(cudnn.to_json())
    cudnn.load_weights(os.path.join(back, "legacy_weights.h5"))
    plain.reset_states()
    describe(back, cudnn, x, run(plain, x, back, stateful), "weights of plain layers loaded by cuDNN ones", stateful)


if __name__ == "__main__":
    for name, build in MODELS.items():
        try:
            write(sys.argv[1], name, build)
        except Exception as error:  # Keras itself cannot: say so and go on
            print("cudnn_%s_k2: not produced: %s: %s" % (name, type(error).__name__, str(error).splitlines()[0][:200]))
