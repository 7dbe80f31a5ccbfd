#!/usr/bin/env python3
"""Write the group `savedmodel`: models as folders of TensorFlow, whose weights are found by walking their objects.

    python make_golden_savedmodel.py OUT_DIR [PART_OF_A_NAME]        (Keras 2.15)

Keras 2.15 cannot save SpectralNormalization this way. What adapt() taught a lookup layer lies in TensorFlow's graph and
is not read; these have their vocabularies from their arguments.
"""
import os
import shutil
import sys

from fixture_common import *


def sequential(*layers, shape=(6,)):
    return lambda: keras.Sequential([inp(shape), *[layer() for layer in layers]])


def functional(shape, call, **kw):
    def build():
        i = inp(shape, **kw)
        return keras.Model(i, call(i))
    return build


def shared():
    a, b = inp((4,), name="a"), inp((4,), name="b")
    dense = L.Dense(4, name="twice")
    total = L.Add()([dense(a), dense(b)])
    inner = keras.Sequential([inp((4,)), L.Dense(3)], name="inner")
    return keras.Model([a, b], [total, inner(a), inner(b)])


def multi_io():
    a, b = inp((5,), name="left"), inp((3,), name="right")
    x = L.Concatenate()([L.Dense(4)(a), b])
    return keras.Model({"left": a, "right": b}, {"sum": L.Dense(1)(x), "class": L.Dense(3, activation="softmax")(x)})


def nested_deep():
    block = keras.Sequential([inp((5,)), L.Dense(5), L.BatchNormalization()], name="block")
    i = inp((5,))
    model = keras.Model(i, L.Dense(4)(block(i)), name="middle")
    o = inp((5,))
    return keras.Model(o, L.Dense(2)(model(o)))


def frozen():
    model = keras.Sequential([inp((6,)), L.Dense(5, trainable=False), L.BatchNormalization(), L.Dense(3)])
    model.layers[1].trainable = False
    return model


def words(after):
    i = inp((3,), dtype="string")
    return keras.Model(i, after(L.StringLookup(vocabulary=["c", "b", "a"])(i)))


def texts(**kw):
    def build():
        i = inp((1,), dtype="string")
        return keras.Model(i, L.TextVectorization(vocabulary=["three", "two", "one"], **kw)(i))
    return build


def numbers():
    i = inp((3,), dtype="int64")
    return keras.Model(i, L.Embedding(6, 2)(L.IntegerLookup(vocabulary=[7, 9, 5])(i)))


def strings(*values):
    return [np.array(values, dtype="S")]


MODELS = {
    "mlp": sequential(lambda: L.Dense(5, activation="relu"), lambda: L.BatchNormalization(), lambda: L.Dense(3)),
    "conv": sequential(lambda: L.Conv2D(3, 3), lambda: L.SeparableConv2D(4, 3), lambda: L.DepthwiseConv2D(2),
                       lambda: L.Flatten(), lambda: L.Dense(2), shape=(8, 8, 2)),
    "recurrent": functional((5, 4), lambda x: L.GRU(3)(L.SimpleRNN(3, return_sequences=True)(
        L.LSTM(4, return_sequences=True)(x)))),
    "bidirectional": functional((5, 4), lambda x: L.Bidirectional(L.GRU(3))(
        L.Bidirectional(L.LSTM(3, return_sequences=True))(x))),
    "cells": functional((5, 4), lambda x: L.RNN(L.GRUCell(3))(
        L.RNN([L.LSTMCell(3), L.GRUCell(3), L.GRUCell(3)], return_sequences=True)(x))),
    "time_distributed": functional((4, 6), lambda x: L.TimeDistributed(
        keras.Sequential([inp((5,)), L.Dense(4), L.BatchNormalization(), L.Dense(2)]))(L.TimeDistributed(L.Dense(5))(x))),
    "convlstm": functional((3, 6, 6, 2), lambda x: L.ConvLSTM2D(3, 3)(x)),
    "attention": functional((5, 4), lambda x: L.LayerNormalization()(L.MultiHeadAttention(2, 3)(x, x))),
    "normalization": functional((6,), lambda x: L.Dense(2)(L.UnitNormalization()(L.GroupNormalization(3)(x)))),
    "prelu_embedding": functional((5,), lambda x: L.PReLU()(L.Embedding(7, 3)(x)), dtype="int32"),
    "operations": functional((4,), lambda x: L.Dense(2)(tf.nn.relu(x * 2.0 + 1.0)[:, 1:])),
    "shared": shared,
    "multi_io": multi_io,
    "nested_deep": nested_deep,
    "frozen": frozen,
}
TABLES = {
    "string_lookup": (lambda: words(lambda x: x), strings([b"a", b"c", b"zz"], [b"b", b"", b"c"])),
    "string_lookup_embedding": (lambda: words(lambda x: L.Embedding(5, 2)(x)), strings([b"a", b"c", b"zz"], [b"b", b"a", b"c"])),
    "integer_lookup": (numbers, [np.array([[5, 7, 1], [9, 9, 2]], dtype="int64")]),
    "text_vectorization": (texts(output_sequence_length=4), strings([b"two one nine"], [b"three"])),
    "text_vectorization_tf_idf": (texts(output_mode="tf_idf", idf_weights=[0.4, 0.7, 1.1]),
                                  strings([b"two one nine"], [b"three three"])),
}


def adapted():
    layer = L.Normalization()
    layer.adapt(np.random.RandomState(3).normal(2, 3, (20, 6)).astype("float32"))
    return keras.Sequential([inp((6,)), layer, L.Dense(3)])


def main(out):
    corpus = Corpus(out, only=["savedmodel"], match=",".join(sys.argv[2:]))

    def case(name, build, **kw):
        corpus.case("savedmodel", name, build, on=2, fmts=["savedmodel"], **kw)

    for name, build in MODELS.items():
        case(name, build, structured=name == "multi_io",
             x=(lambda rng: {"left": rng.normal(size=(2, 5)).astype("float32"),
                             "right": rng.normal(size=(2, 3)).astype("float32")}) if name == "multi_io" else None)
    case("adapted", adapted, keep=True)
    for name, (build, x) in TABLES.items():
        case(name, build, x=x, keep=name != "string_lookup_embedding" and name != "integer_lookup")
    corpus.finish("savedmodel")
    for folder in os.listdir(os.path.join(out, "savedmodel")):
        model = os.path.join(out, "savedmodel", folder, "savedmodel")
        for part in ("assets", "fingerprint.pb"):
            path = os.path.join(model, part)
            if os.path.isdir(path) and not os.listdir(path):
                shutil.rmtree(path)


if __name__ == "__main__":
    main(sys.argv[1])
