#!/usr/bin/env python3
"""Write the group `masks`: what becomes of a padding mask on its way through one layer.

    python make_golden_masks.py OUT_DIR        (run once per Keras version)

Each model masks its input, sends it through the layer under test and averages over time with
GlobalAveragePooling1D, whose result tells whether and which mask arrived. Cases end in _k2 or _k3.
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

SHAPE = (5, 4)
MAJOR = keras.__version__.split(".")[0]


def sequential(*layers):
    return lambda x: keras.Sequential([L.Input(SHAPE), *layers])(x)


def functional(*layers):
    def call(x):
        y = inner = L.Input(SHAPE)
        for layer in layers:
            y = layer(y)
        return keras.Model(inner, y)(x)
    return call


def float64_model():
    inner = L.Input(SHAPE, dtype="float64")
    return keras.Model(inner, L.LSTM(4, return_sequences=True, dtype="float64")(inner))


ONE_INPUT = {
    "plain": lambda x: x,
    "dense": lambda x: L.Dense(4)(x),
    "nested_sequential": sequential(L.Dense(4)),
    "nested_functional": functional(L.Dense(4)),
    "dropout": lambda x: L.Dropout(0.5)(x),
    "spatial_dropout": lambda x: L.SpatialDropout1D(0.1)(x),
    "alpha_dropout": lambda x: L.AlphaDropout(0.1)(x),
    "gaussian_noise": lambda x: L.GaussianNoise(0.1)(x),
    "activity_regularization": lambda x: L.ActivityRegularization(0.1)(x),
    "identity": lambda x: L.Identity()(x),
    "batch_normalization": lambda x: L.BatchNormalization()(x),
    "layer_normalization": lambda x: L.LayerNormalization()(x),
    "unit_normalization": lambda x: L.UnitNormalization()(x),
    "spectral_normalization": lambda x: L.SpectralNormalization(L.Dense(4))(x),
    "activation": lambda x: L.Activation("relu")(x),
    "relu": lambda x: L.ReLU()(x),
    "leaky_relu": lambda x: L.LeakyReLU()(x),
    "elu": lambda x: L.ELU()(x),
    "prelu": lambda x: L.PReLU()(x),
    "rescaling": lambda x: L.Rescaling(2.0)(x),
    "normalization": lambda x: L.Normalization(mean=0.5, variance=2.0)(x),
    "einsum_dense": lambda x: L.EinsumDense("abc,cd->abd", output_shape=(None, 4))(x),
    "conv1d": lambda x: L.Conv1D(4, 3, padding="same")(x),
    "separable_conv1d": lambda x: L.SeparableConv1D(4, 1)(x),
    "depthwise_conv1d": lambda x: L.DepthwiseConv1D(1)(x),
    "reshape": lambda x: L.Reshape(SHAPE)(x),
    "permute": lambda x: L.Permute((1, 2))(x),
    "zero_padding": lambda x: L.ZeroPadding1D(0)(x),
    "cropping": lambda x: L.Cropping1D(0)(x),
    "up_sampling": lambda x: L.UpSampling1D(1)(x),
    "average_pooling": lambda x: L.AveragePooling1D(1)(x),
    "max_pooling": lambda x: L.MaxPooling1D(1)(x),
    "dropout_float64": lambda x: L.Dropout(0.5, dtype="float64")(x),
    "relu_mixed_bfloat16": lambda x: L.ReLU(dtype="mixed_bfloat16")(x),
    "lstm_float64": lambda x: L.LSTM(4, return_sequences=True, dtype="float64")(x),
    "gru_then_float64": lambda x: L.Dense(4, dtype="float64")(L.GRU(4, return_sequences=True)(x)),
    "nested_float64": lambda x: float64_model()(x),
}
UNMASKED = {  # the mask is made inside the nested model
    "masking_in_sequential": sequential(L.Masking(), L.Dense(4)),
    "masking_in_functional": functional(L.Masking(), L.Dense(4)),
}


def masked(x):
    return L.Masking()(x)


TWO_INPUTS = {}
for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"):
    merge = getattr(L, name)
    TWO_INPUTS[f"{name.lower()}_both"] = lambda a, b, m=merge: m()([masked(a), masked(b)])
    TWO_INPUTS[f"{name.lower()}_first"] = lambda a, b, m=merge: m()([masked(a), b])
    TWO_INPUTS[f"{name.lower()}_second"] = lambda a, b, m=merge: m()([a, masked(b)])
for axis in (1, 2, -1):
    TWO_INPUTS[f"concatenate_axis{axis}_both"] = lambda a, b, d=axis: L.Concatenate(axis=d)([masked(a), masked(b)])
    TWO_INPUTS[f"concatenate_axis{axis}_first"] = lambda a, b, d=axis: L.Concatenate(axis=d)([masked(a), b])
TWO_INPUTS["mha_both"] = lambda a, b: L.MultiHeadAttention(2, 3)(masked(a), masked(b))
TWO_INPUTS["mha_query"] = lambda a, b: L.MultiHeadAttention(2, 3)(masked(a), b)
TWO_INPUTS["mha_value"] = lambda a, b: L.MultiHeadAttention(2, 3)(a, masked(b))
TWO_INPUTS["mha_causal"] = lambda a, b: L.MultiHeadAttention(2, 3)(masked(a), masked(b), use_causal_mask=True)
TWO_INPUTS["dot"] = lambda a, b: L.Dot(axes=2)([masked(a), masked(b)])


def inputs(count, rng):
    x = rng.normal(size=(3, *SHAPE)).astype("float32")
    x[0, 3:] = 0
    x[1, 1] = 0
    x[2, 0] = 0
    return [x, x[::-1].copy()][:count]


def write(folder, name, count, call):
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    symbols = [L.Input(SHAPE) for _ in range(count)]
    model = keras.Model(symbols, L.GlobalAveragePooling1D()(call(*symbols)))
    model.set_weights([w + 0.1 * rng.normal(size=w.shape).astype(w.dtype) for w in model.get_weights()])
    x = inputs(count, rng)
    y = model.predict(x, verbose=0)
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    for i, array in enumerate(x):
        np.save(os.path.join(folder, f"x{i}.npy"), array)
    np.save(os.path.join(folder, "y0.npy"), y)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "masks",
                   "case": os.path.basename(folder), "seed": seed,
                   "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": f"x{i}.npy", "shape": list(a.shape), "dtype": "float32",
                               "declared_shape": [None, *SHAPE], "declared_dtype": "float32"} for i, a in enumerate(x)],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": "float32"}],
                   "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""},
                  out, indent=1)


def main(out):
    group = os.path.join(out, "masks")
    cases = [(name, 1, lambda x, f=call: f(masked(x))) for name, call in ONE_INPUT.items()]
    cases += [(name, 1, call) for name, call in UNMASKED.items()]
    cases += [(name, 2, call) for name, call in TWO_INPUTS.items()]
    for name, count, call in cases:
        try:
            write(os.path.join(group, f"{name}_k{MAJOR}"), name, count, call)
        except Exception as error:  # Keras itself cannot: say so and go on
            print(f"{name}_k{MAJOR}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main(sys.argv[1])
