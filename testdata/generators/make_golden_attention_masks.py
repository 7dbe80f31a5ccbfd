#!/usr/bin/env python3
"""Write the group `attention_masks`: attention layers with masks from every side, in single and half precision.

    python make_golden_attention_masks.py OUT_DIR        (run once per Keras version: 2.15, 3.12, 3.15)

Query and value come from Masking layers, further masks are inputs of the model; one entry of the batch is masked
altogether. Cases end in _k2, _k3 or _k315.
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

VERSION = keras.__version__
KERAS3 = VERSION.startswith("3")
NEWEST = VERSION.startswith("3.15")
SUFFIX = "_k315" if NEWEST else "_k3" if KERAS3 else "_k2"
QUERIES, VALUES, FEATURES = 4, 5, 3
TOLERANCE = {"float32": (2e-5, 1e-4), "mixed_float16": (1e-2, 1e-2), "mixed_bfloat16": (1e-1, 5e-2)}


def dense(layer, **call):
    return lambda q, v, m: layer()([q, v], **call)


def heads(layer, masks=(), **call):
    return lambda q, v, m: layer()(q, v, **{name: m[name]() for name in masks}, **call)


def attention(**options):
    return lambda: L.Attention(**options)


def additive(**options):
    return lambda: L.AdditiveAttention(**options)


def multi(**options):
    return lambda: L.MultiHeadAttention(2, 3, **options)


def grouped(**options):
    return lambda: L.GroupQueryAttention(3, 4, 2, **options)


CASES = {
    "dot": dense(attention()),
    "dot_causal_scores": dense(attention(), use_causal_mask=True, return_attention_scores=True),
    "concat": dense(attention(score_mode="concat", use_scale=True)),
    "additive": dense(additive()),
    "additive_causal_scores": dense(additive(), use_causal_mask=True, return_attention_scores=True),
    "multi": heads(multi()),
    "multi_scores": heads(multi(), return_attention_scores=True),
    "multi_causal": heads(multi(), use_causal_mask=True),
    "multi_dropout": heads(multi(dropout=0.3)),
    "multi_attention_mask": heads(multi(), ["attention_mask"]),
    "multi_attention_mask_causal_scores": heads(multi(), ["attention_mask"], use_causal_mask=True,
                                                return_attention_scores=True),
}
if KERAS3:
    CASES.update({
        "multi_query_mask": heads(multi(), ["query_mask"]),
        "multi_value_mask_scores": heads(multi(), ["value_mask"], return_attention_scores=True),
        "multi_all_masks": heads(multi(), ["query_mask", "value_mask", "attention_mask"]),
        "grouped": heads(grouped()),
        "grouped_scores": heads(grouped(), return_attention_scores=True),
        "grouped_causal_dropout": heads(grouped(dropout=0.3), use_causal_mask=True),
        "grouped_query_mask": heads(grouped(), ["query_mask"]),
        "grouped_all_masks": heads(grouped(), ["query_mask", "value_mask", "attention_mask"],
                                   return_attention_scores=True),
    })
if NEWEST:
    CASES.update({
        "multi_window_gate": heads(multi(sliding_window=2, use_gate=True)),
        "multi_window_causal_scores": heads(multi(sliding_window=2), use_causal_mask=True,
                                            return_attention_scores=True),
        "grouped_window_gate": heads(grouped(sliding_window=2, use_gate=True)),
        "grouped_window_query_mask_scores": heads(grouped(sliding_window=1), ["query_mask"],
                                                  return_attention_scores=True),
    })


def sequences(rng, steps):
    x = rng.normal(size=(3, steps, FEATURES)).astype("float32")
    x[0, -2:] = 0
    x[1, 0] = 0
    x[2] = 0
    return x


def write(folder, name, policy, call):
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    keras.mixed_precision.set_global_policy(policy)
    symbols = [L.Input((QUERIES, FEATURES)), L.Input((VALUES, FEATURES))]
    data = [sequences(rng, QUERIES), sequences(rng, VALUES)]

    def mask_input(*shape):
        def make():
            symbols.append(L.Input(shape, dtype="bool"))
            data.append(rng.random((3, *shape)) < 0.6)
            return symbols[-1]
        return make

    masks = {"query_mask": mask_input(QUERIES), "value_mask": mask_input(VALUES),
             "attention_mask": mask_input(QUERIES, VALUES)}
    outputs = call(L.Masking()(symbols[0]), L.Masking()(symbols[1]), masks)
    model = keras.Model(symbols, outputs)
    model.set_weights([w + 0.3 * rng.normal(size=w.shape).astype(w.dtype) for w in model.get_weights()])
    results = model.predict(data, verbose=0)
    results = [np.asarray(y) for y in (results if isinstance(results, (list, tuple)) else [results])]
    dtypes = [str(y.dtype) for y in results]
    results = [y.astype("float32") if dtype == "bfloat16" else y for y, dtype in zip(results, dtypes)]
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    for letter, arrays in (("x", data), ("y", results)):
        for i, array in enumerate(arrays):
            np.save(os.path.join(folder, f"{letter}{i}.npy"), array)
    atol, rtol = TOLERANCE[policy]
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": VERSION, "tensorflow_version": tf.__version__, "group": "attention_masks",
                   "case": os.path.basename(folder), "seed": seed,
                   "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": f"x{i}.npy", "shape": list(x.shape), "dtype": str(x.dtype),
                               "declared_shape": [None, *x.shape[1:]], "declared_dtype": str(x.dtype)}
                              for i, x in enumerate(data)],
                   "outputs": [{"file": f"y{i}.npy", "shape": list(y.shape), "dtype": dtype, "key": str(i)}
                               for i, (y, dtype) in enumerate(zip(results, dtypes))],
                   "atol": atol, "rtol": rtol, "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""},
                  out, indent=1)


def main(out):
    policies = {"": "float32", "_float16": "mixed_float16", "_bfloat16": "mixed_bfloat16"}
    for name, call in CASES.items():
        for label, policy in policies.items():
            if label and name not in ("dot", "concat", "additive", "multi", "multi_scores", "multi_attention_mask",
                                      "grouped", "grouped_scores"):
                continue
            folder = os.path.join(out, "attention_masks", name + label + SUFFIX)
            try:
                write(folder, name + label, policy, call)
            except Exception as error:  # Keras itself cannot: say so and go on
                print(f"{name}{label}{SUFFIX}: not produced: {type(error).__name__}: "
                      f"{str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main(sys.argv[1])
