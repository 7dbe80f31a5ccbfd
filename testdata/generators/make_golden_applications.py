#!/usr/bin/env python3
"""Write the group `applications`: small relatives of keras.applications whose layers live nowhere else.

    python make_golden_applications.py OUT_DIR        (run once per Keras version)

Cases end in _k2 or _k3.
"""
import json
import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras.src.applications import convnext

MAJOR = keras.__version__.split(".")[0]
SHAPE = (32, 32, 3)


def conv_next():
    return convnext.ConvNeXt(depths=[1, 1, 2, 1], projection_dims=[4, 8, 8, 12], drop_path_rate=0.2, weights=None,
                             input_shape=SHAPE, classes=5, default_size=32)


def write(folder, model):
    name = os.path.basename(folder)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    model.set_weights([w + 0.3 * rng.random(size=w.shape).astype(w.dtype) for w in model.get_weights()])
    x = rng.uniform(0, 255, (2, *SHAPE)).astype("float32")
    y = model.predict(x, verbose=0)
    os.makedirs(folder)
    files = {f"model.{kind}": "saved" for kind in ("h5", "keras")}
    for file in files:
        model.save(os.path.join(folder, file))
    np.save(os.path.join(folder, "x0.npy"), x)
    np.save(os.path.join(folder, "y0.npy"), y)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "applications",
                   "case": name, "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": "float32",
                               "declared_shape": [None, *SHAPE], "declared_dtype": "float32"}],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": "float32"}],
                   "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": files, "note": ""}, out, indent=1)


if __name__ == "__main__":
    write(os.path.join(sys.argv[1], "applications", f"conv_next_k{MAJOR}"), conv_next())
