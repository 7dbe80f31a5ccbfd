#!/usr/bin/env python3
"""Write the cases theano_* of the group `legacy`: kernels as the Theano backend of Keras 2 wrote them.

    python make_golden_theano.py OUT_DIR KERAS_2_2_SOURCES

Run by the Python of TensorFlow 2.15, see keras_on_tf1.py. Files name Theano as their backend; Keras 2.2.4 on TensorFlow then
turns their kernels around, and computes the outputs. Cases end in _k22.
"""
import inspect
import json
import os
import sys
import zlib

import keras_on_tf1

tensorflow = keras_on_tf1.install(sys.argv[2])
import h5py
import keras
import numpy as np
from keras import backend as K
from keras import layers as L
from keras.utils import conv_utils
from keras.models import Model, Sequential, load_model

assert keras.__version__ == "2.2.4", keras.__version__
attribute = h5py.AttributeManager.__getitem__


def older_attribute(self, name):  # as Keras 2.2.4 can read them
    value = attribute(self, name)
    return value.encode() if isinstance(value, str) else list(value) if isinstance(value, np.ndarray) else value


h5py.AttributeManager.__getitem__ = older_attribute
# numpy no longer takes a list of slices
exec(inspect.getsource(conv_utils.convert_kernel).replace("kernel[slices]", "kernel[tuple(slices)]"), vars(conv_utils))


def write(out, name, build):
    full = "theano_%s_k22" % name
    folder = os.path.join(out, "legacy", full)
    rng = np.random.RandomState(zlib.crc32(full.encode()) % 2 ** 31)
    K.clear_session()
    model = build()
    model.set_weights([(w + 0.3 * rng.normal(size=w.shape)).astype("float32") for w in model.get_weights()])
    x = rng.normal(size=[2 if d is None else d for d in K.int_shape(model.inputs[0])]).astype("float32")
    plain = model.predict(x)
    os.makedirs(folder)
    path = os.path.join(folder, "model.h5")
    model.save(path)
    with h5py.File(path, "r+") as file:
        for group in (file, file["model_weights"]):
            group.attrs["backend"] = b"theano"
    y = load_model(path).predict(x)
    assert not np.allclose(y, plain)
    np.save(os.path.join(folder, "x0.npy"), x)
    np.save(os.path.join(folder, "y0.npy"), y)
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tensorflow.__version__, "group": "legacy",
                   "case": full, "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": "float32",
                               "declared_shape": list(K.int_shape(model.inputs[0]))}],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": "float32"}],
                   "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {"model.h5": "saved, then edited"},
                   "note": ""}, file, indent=1)


def nested():
    inner = L.Input((6, 7, 2))
    model = Model(inner, L.Conv2D(3, (2, 3))(inner))
    x = L.Input((6, 7, 2))
    return Model(x, L.Flatten()(model(x)))


MODELS = {
    "conv1d": lambda: Sequential([L.Conv1D(4, 3, input_shape=(9, 3)), L.Conv1D(2, 2, padding="causal")]),
    "conv2d": lambda: Sequential([L.Conv2D(4, (3, 2), input_shape=(8, 9, 2)), L.BatchNormalization(), L.Conv2D(3, 3, strides=2)]),
    "conv3d": lambda: Sequential([L.Conv3D(3, (2, 3, 2), input_shape=(5, 6, 7, 2))]),
    "conv2d_transpose": lambda: Sequential([L.Conv2DTranspose(3, (3, 2), strides=2, input_shape=(5, 6, 2))]),
    "convlstm2d": lambda: Sequential([L.ConvLSTM2D(3, (2, 3), padding="same", input_shape=(3, 5, 6, 2))]),
    "time_distributed": lambda: Sequential([L.TimeDistributed(L.Conv2D(3, (2, 3)), input_shape=(3, 5, 6, 2))]),
    "nested": nested,
}

if __name__ == "__main__":
    for name, build in MODELS.items():
        try:
            write(sys.argv[1], name, build)
        except Exception as error:  # Keras itself cannot: say so and go on
            print("theano_%s_k22: not produced: %s: %s" % (name, type(error).__name__, str(error).splitlines()[0][:160]))
