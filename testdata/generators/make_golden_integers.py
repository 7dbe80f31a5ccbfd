#!/usr/bin/env python3
"""Write the group `integers`: what layers made for floats do with integers that reach them.

    python make_golden_integers.py OUT_DIR        (run once per Keras version)

Keras casts only floats to a layer's dtype; the rest hangs on the formula of each layer. Cases end in _k2 or _k3; what
a Keras refuses is printed.
"""
import json
import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

MAJOR = keras.__version__.split(".")[0]
STEPS, IMAGE = (5, 3), (4, 4, 2)

ONE_INPUT = {
    **{f"activation_{name}": (STEPS, lambda x, name=name: L.Activation(name)(x))
       for name in ("linear", "relu", "relu6", "leaky_relu", "tanh", "exponential", "softmax", "sigmoid")},
    "relu": (STEPS, lambda x: L.ReLU()(x)),
    "relu_cut": (STEPS, lambda x: L.ReLU(max_value=2.7)(x)),
    "relu_six": (STEPS, lambda x: L.ReLU(max_value=6.0)(x)),
    "relu_threshold": (STEPS, lambda x: L.ReLU(threshold=1.6)(x)),
    "relu_slope": (STEPS, lambda x: L.ReLU(negative_slope=0.3)(x)),
    "relu_slope_cut": (STEPS, lambda x: L.ReLU(negative_slope=1.5, max_value=2.7)(x)),
    "leaky_relu": (STEPS, lambda x: L.LeakyReLU()(x)),
    "dense_relu": (STEPS, lambda x: L.Dense(3, activation="relu")(x)),
    "batch_normalization": (STEPS, lambda x: L.BatchNormalization()(x)),
    "layer_normalization": (STEPS, lambda x: L.LayerNormalization()(x)),
    "group_normalization": (STEPS, lambda x: L.GroupNormalization(1)(x)),
    "unit_normalization": (STEPS, lambda x: L.UnitNormalization()(x)),
    "time_distributed": (STEPS, lambda x: L.TimeDistributed(L.LayerNormalization())(x)),
    "dropout": (STEPS, lambda x: L.Dropout(0.5)(x)),
    "rescaling": (STEPS, lambda x: L.Rescaling(0.7)(x)),
    "max_pooling": (STEPS, lambda x: L.MaxPooling1D(2)(x)),
    "average_pooling": (STEPS, lambda x: L.AveragePooling1D(2)(x)),
    "global_max_pooling": (STEPS, lambda x: L.GlobalMaxPooling1D()(x)),
    "global_average_pooling1d": (STEPS, lambda x: L.GlobalAveragePooling1D()(x)),
    "global_average_pooling2d": (IMAGE, lambda x: L.GlobalAveragePooling2D(keepdims=True)(x)),
    "up_sampling2d_nearest": (IMAGE, lambda x: L.UpSampling2D(2)(x)),
    "up_sampling2d_bilinear": (IMAGE, lambda x: L.UpSampling2D(2, interpolation="bilinear")(x)),
    "up_sampling2d_bicubic": (IMAGE, lambda x: L.UpSampling2D((2, 3), interpolation="bicubic")(x)),
    "resizing": (IMAGE, lambda x: L.Resizing(3, 5)(x)),
    "lstm": (STEPS, lambda x: L.LSTM(2)(x)),
    "conv1d": (STEPS, lambda x: L.Conv1D(2, 2)(x)),
}
if MAJOR == "3":
    ONE_INPUT["rms_normalization"] = (STEPS, lambda x: L.RMSNormalization()(x))
TWO_INPUTS = {
    "dot": lambda a, b: L.Dot(axes=2)([a, b]),
    "dot_normalized": lambda a, b: L.Dot(axes=2, normalize=True)([a, b]),
    "dot_with_floats": lambda a, b: L.Dot(axes=2)([a, L.Rescaling(0.7)(b)]),
    "average": lambda a, b: L.Average()([a, b]),
    "add_with_floats": lambda a, b: L.Add()([a, L.Rescaling(0.7)(b)]),
    "maximum": lambda a, b: L.Maximum()([a, b]),
}


def write(folder, shapes, call):
    name = os.path.basename(folder)
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    symbols = [L.Input(shape, dtype="int32") for shape in shapes]
    model = keras.Model(symbols, call(*symbols))
    model.set_weights([w + 0.1 * rng.random(size=w.shape).astype(w.dtype) for w in model.get_weights()])
    x = [rng.integers(-5, 9, (2, *shape)).astype("int32") for shape in shapes]
    y = model.predict(x, verbose=0)
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    for i, array in enumerate(x):
        np.save(os.path.join(folder, f"x{i}.npy"), array)
    np.save(os.path.join(folder, "y0.npy"), y)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "integers",
                   "case": name, "seed": seed, "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": f"x{i}.npy", "shape": list(a.shape), "dtype": "int32",
                               "declared_shape": [None, *a.shape[1:]], "declared_dtype": "int32"}
                              for i, a in enumerate(x)],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": str(y.dtype)}],
                   "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""},
                  out, indent=1)


def main(out):
    cases = [(name, [shape], call) for name, (shape, call) in ONE_INPUT.items()]
    cases += [(name, [STEPS, STEPS], call) for name, call in TWO_INPUTS.items()]
    for name, shapes, call in cases:
        try:
            write(os.path.join(out, "integers", f"{name}_k{MAJOR}"), shapes, call)
        except Exception as error:  # Keras itself cannot: say so and go on
            print(f"{name}_k{MAJOR}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main(sys.argv[1])
