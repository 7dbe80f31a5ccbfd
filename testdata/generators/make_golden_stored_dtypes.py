#!/usr/bin/env python3
"""Write the group `stored_dtypes`: files whose weights are in another dtype than the variables.

    python make_golden_stored_dtypes.py OUT_DIR        (run once per Keras version)

`original.h5` is the model as Keras saved it. In the other files its floating weights are rounded by numpy; the
recorded outputs are those of the models that Keras loads from them. Only Keras 3 reads bfloat16, from .keras and
.weights.h5.
"""
import json
import os
import sys
import zipfile

import ml_dtypes
from fixture_common import *


def mlp():
    return keras.Sequential([inp((6,)), L.Dense(5, activation="relu"), L.BatchNormalization(), L.Dropout(0.5), L.Dense(3)])


def convolutional():
    i = inp((8, 8, 3))
    x = L.SeparableConv2D(4, 3, activation="relu")(L.Conv2D(4, 3, padding="same")(i))
    return keras.Model(i, L.Dense(3)(L.GlobalAveragePooling2D()(x)))


def recurrent():
    i = inp((5, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(L.Normalization(mean=0.5, variance=2.0)(i))
    x = L.MultiHeadAttention(2, 3)(x, x)
    return keras.Model(i, L.GRU(3)(L.LayerNormalization()(x)))


def nested():
    inner = keras.Sequential([inp((5,)), L.Dense(4), L.BatchNormalization(), L.Dense(5)], name="sub")
    i = inp((6,))
    return keras.Model(i, L.Dense(2, name="last")(inner(L.Dense(5, name="first")(i))))


MODELS = {f.__name__: f for f in (mlp, convolutional, recurrent, nested)}
DTYPES = {"float16": np.float16, "float64": np.float64, **({"bfloat16": ml_dtypes.bfloat16} if K3 else {})}


def rounded(path, dtype):
    """Rewrites the floating arrays of an h5 file; Keras marks bfloat16 with an attribute."""
    with h5py.File(path, "r+") as f:
        paths = []
        f.visititems(lambda name, item: paths.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in paths:
            array = f[name][...]
            if array.dtype.kind != "f":
                continue
            del f[name]
            data = f.create_dataset(name, data=np.asarray(array).astype(dtype))
            if dtype is ml_dtypes.bfloat16:
                data.attrs["dtype"] = "bfloat16"


def rounded_archive(path, dtype):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    inner = path + ".weights"
    with open(inner, "wb") as f:
        f.write(members["model.weights.h5"])
    rounded(inner, dtype)
    with open(inner, "rb") as f:
        members["model.weights.h5"] = f.read()
    os.remove(inner)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def record(folder, info, name, build):
    path = lambda file: os.path.join(folder, file)
    os.rename(path("model.h5"), path("original.h5"))
    if name == "bfloat16":
        del info["files"]["model.h5"]
        info["reload"].pop("model.h5", None)
    else:
        shutil.copy(path("original.h5"), path("model.h5"))
        rounded(path("model.h5"), DTYPES[name])
    rounded_archive(path("model.keras"), DTYPES[name])
    rounded(path("model.weights.h5"), DTYPES[name])
    x = [np.load(path(i["file"])) for i in info["inputs"]]
    answers = {}
    for file in ("model.h5", "model.keras"):
        if file in info["files"]:
            answers[file] = keras.models.load_model(path(file), compile=False)
    answers["model.weights.h5"] = build()
    answers["model.weights.h5"].load_weights(path("model.weights.h5"))
    outputs = {file: model(tf.constant(x[0]), training=False).numpy() for file, model in answers.items()}
    y = outputs["model.keras"]
    save_npy(path("y0.npy"), y)
    for file, found in outputs.items():
        info["reload"][file] = compare([y], [found])
    info["files"]["original.h5"] = "saved"
    with open(path("case.json"), "w", encoding="utf-8") as f:
        json.dump(info, f, indent=1, ensure_ascii=False)


def main(out):
    corpus = Corpus(out)
    for model, build in MODELS.items():
        for name in DTYPES:
            info = corpus.case("stored_dtypes", "%s_%s" % (model, name), build,
                               fmts=["h5", "keras", "json", "weights.h5"])
            if info:
                record(os.path.join(out, "stored_dtypes", info["case"]), info, name, build)
    corpus.finish("stored dtypes")


if __name__ == "__main__":
    main(sys.argv[1])
