#!/usr/bin/env python3
"""Write the group `tfjs`, models of Keras 2.15 as the converter of TensorFlow.js 4.22 writes them.

    python make_golden_tfjs.py OUT_DIR        (Keras 2.15, needs the package tensorflowjs; then make_golden_tfjs.js)

Where weights are quantized, the recorded outputs are those of Keras with the numbers that tensorflowjs reads back.
"""
import os
import shutil
import sys
import tempfile

from fixture_common import *
from tensorflowjs import read_weights
from tensorflowjs.converters import keras_h5_conversion


def mlp():
    return keras.Sequential([inp((6,)), L.Dense(5, activation="relu"), L.BatchNormalization(), L.Dense(3)])


def convolutional():
    return keras.Sequential([inp((8, 8, 2)), L.Conv2D(4, 3), L.DepthwiseConv2D(3), L.SeparableConv2D(3, 2), L.PReLU(),
                             L.MaxPooling2D(), L.Flatten(), L.Dense(2, activation="softmax")])


def nested():
    inner = keras.Sequential([inp((5,)), L.Dense(4, name="d1"), L.BatchNormalization(), L.Dense(5)], name="sub")
    i = inp((6,))
    return keras.Model(i, L.Dense(2)(inner(L.Dense(5)(i))))


def recurrent():
    i = inp((5, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(i)
    x = L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True)(x)
    x = L.TimeDistributed(L.Dense(3))(x)
    return keras.Model(i, L.GRU(3)(x))


def embedding():
    i = inp((5,), dtype="int32")
    return keras.Model(i, L.LSTM(3)(L.Embedding(7, 4)(i)))


def multi_io():
    a, b = inp((5,), name="a"), inp((3,), name="b")
    x = L.Concatenate()([L.Dense(4)(a), b])
    return keras.Model([a, b], [L.Dense(1)(x), L.Dense(2)(L.Dropout(0.5)(x))])


def attention():
    i = inp((5, 4))
    return keras.Model(i, L.LayerNormalization()(L.MultiHeadAttention(2, 3)(i, i)))


MODELS = {
    "mlp": (mlp, {}),
    "mlp_uint8": (mlp, {"quantization_dtype_map": {"uint8": True}}),
    "mlp_uint16": (mlp, {"quantization_dtype_map": {"uint16": "*kernel"}}),
    "mlp_float16": (mlp, {"quantization_dtype_map": {"float16": True}}),
    "convolutional_shards": (convolutional, {"weight_shard_size_bytes": 300}),
    "convolutional_uint8_shards": (convolutional, {"weight_shard_size_bytes": 100, "quantization_dtype_map": {"uint8": "*kernel"}}),
    "nested": (nested, {}),
    "recurrent": (recurrent, {}),
    "embedding": (embedding, {}),
    "multi_io": (multi_io, {}),
    "attention": (attention, {}),
}


def convert(model, folder, split, options):
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "model.h5")
        model.save(path)
        topology, groups = keras_h5_conversion.h5_merged_saved_model_to_tfjs_format(path, split)
    os.makedirs(folder)
    keras_h5_conversion.write_artifacts(topology, groups, folder, **options)


def read_back(model, folder):
    with open(os.path.join(folder, "model.json")) as f:
        manifest = json.load(f)["weightsManifest"]
    arrays = {w["name"]: w["data"] for w in read_weights.read_weights(manifest, folder, flatten=True)}
    for w in model.weights:
        w.assign(arrays[w.name[:-2]])


def main(out):
    corpus = Corpus(out, only=["tfjs"])
    for name, (build, options) in MODELS.items():
        scratch = tempfile.mkdtemp()
        folder = os.path.join(scratch, "tfjs")

        def after(model, rng):
            convert(model, folder, name == "nested", options)
            read_back(model, folder)

        info = corpus.case("tfjs", name, build, on=2, fmts=[], after=after)
        if info:
            shutil.move(folder, os.path.join(out, "tfjs", info["case"], "tfjs"))
    corpus.finish("tfjs")


if __name__ == "__main__":
    main(sys.argv[1])
