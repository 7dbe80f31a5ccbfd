#!/usr/bin/env python3
"""Write the group `quantized`: layers whose weights Keras 3 keeps in int8, int4 or float8.

    python make_golden_quantized.py OUT_DIR        (run once per Keras version: 3.12, 3.15)

Each model is built in floats, quantized by `model.quantize` and saved. Cases end in _k3 or _k315; the block sizes and
quantization configs of int4 and int8 exist in the newer one only, which also packs int4 kernels another way.
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

NEWEST = keras.__version__.startswith("3.15")
SUFFIX = "_k315" if NEWEST else "_k3"
TOLERANCE = {"float32": (2e-5, 1e-4), "mixed_float16": (4e-3, 4e-3), "mixed_bfloat16": (6e-2, 3e-2)}


def floats(*shape):
    return lambda: L.Input(shape)


def ids(*shape):
    return lambda: L.Input(shape, dtype="int32")


def lora_after(layer):
    """Marks a layer that gets an adapter once it is quantized."""
    layer.wants_lora = True
    return layer


def turned(**options):
    def call(x):
        layer = L.ReversibleEmbedding(9, 7, **options)
        return layer(L.Dense(7)(layer(x)), reverse=True)
    return call


def einsum(equation, output_shape, **options):
    return lambda x: L.EinsumDense(equation, output_shape=output_shape, **options)(x)


LAYERS = {  # name: (input, call)
    "dense": (floats(7), lambda x: L.Dense(5, activation="tanh")(x)),
    "dense_no_bias": (floats(3, 6), lambda x: L.Dense(4, use_bias=False)(x)),
    "dense_wide": (floats(300), lambda x: L.Dense(3)(x)),
    "dense_lora": (floats(6), lambda x: lora_after(L.Dense(5))(x)),
    "einsum": (floats(3, 6), einsum("abc,cd->abd", (None, 5), bias_axes="d", activation="relu")),
    "einsum_heads": (floats(3, 6), einsum("abc,cde->abde", (None, 3, 5), bias_axes="de")),
    "einsum_join_heads": (floats(3, 2, 5), einsum("abcd,cde->abe", (None, 7), bias_axes="e")),
    "einsum_batched_kernel": (floats(3, 6), einsum("abc,bcd->abd", (3, 5))),
    "einsum_kernel_turned": (floats(3, 6), einsum("abc,dc->abd", (None, 5))),
    "einsum_lora": (floats(3, 6), lambda x: lora_after(L.EinsumDense("abc,cd->abd", output_shape=(None, 5)))(x)),
}
TABLES = {  # float8 leaves them alone
    "embedding": (ids(5), lambda x: L.Embedding(9, 7)(x)),
    "embedding_masked": (ids(5), lambda x: L.GlobalAveragePooling1D()(L.Embedding(9, 6, mask_zero=True)(x))),
    "embedding_lora": (ids(5), lambda x: lora_after(L.Embedding(9, 6))(x)),
    "reversible_tied": (ids(5), turned()),
    "reversible_untied": (ids(5), turned(tie_weights=False, logit_soft_cap=2.0)),
}


def cases():
    """name, policy, input, call, arguments of `quantize`"""
    for mode in ("int8", "int4"):
        for name, (source, call) in {**LAYERS, **TABLES}.items():
            yield f"{mode}_{name}", "float32", source, call, {"mode": mode}
    for name in ("dense", "dense_no_bias", "einsum_heads"):
        yield f"float8_{name}", "float32", *LAYERS[name], {"mode": "float8"}
    for mode, policy in (("int8", "mixed_bfloat16"), ("int4", "mixed_float16"), ("float8", "mixed_bfloat16")):
        yield f"{mode}_dense_{policy}", policy, *LAYERS["dense"], {"mode": mode}
        yield f"{mode}_einsum_{policy}", policy, *LAYERS["einsum_heads"], {"mode": mode}
    if not NEWEST:
        return
    from keras import quantizers as Q
    abs_max = Q.AbsMaxQuantizer
    every = {**LAYERS, **TABLES}
    configs = {
        "int8_floats_in": lambda: Q.Int8QuantizationConfig(activation_quantizer=None),
        "int8_narrow_in": lambda: Q.Int8QuantizationConfig(activation_quantizer=abs_max(value_range=(-31, 31))),
        "int4_channels": lambda: Q.Int4QuantizationConfig(block_size=-1),
        "int4_channels_integers_in": lambda: Q.Int4QuantizationConfig(block_size=None, activation_quantizer=abs_max()),
        "int4_blocks_of_3": lambda: Q.Int4QuantizationConfig(block_size=3),
    }
    for label, config in configs.items():
        for name in ("dense", "einsum_heads", "einsum_join_heads", "einsum_kernel_turned", "embedding",
                     "reversible_tied", "reversible_untied"):
            yield f"{label}_{name}", "float32", *every[name], {"config": config()}


def sublayers(model):
    for layer in model._flatten_layers(include_self=False):
        yield layer


def write(folder, name, policy, source, call, arguments):
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    keras.config.set_dtype_policy(policy)
    x = source()
    model = keras.Model(x, call(x))
    model.set_weights([w + 0.3 * rng.normal(size=w.shape).astype(w.dtype) for w in model.get_weights()])
    model.quantize(**arguments)
    for layer in sublayers(model):
        if getattr(layer, "wants_lora", False):
            layer.enable_lora(2)
            adapters = [w for w in layer.trainable_variables if "lora" in w.name]
            for adapter in adapters:
                adapter.assign(0.3 * rng.normal(size=adapter.shape))
        for scale in ("inputs_scale", "kernel_scale"):
            if arguments.get("mode") == "float8" and hasattr(layer, scale):
                getattr(layer, scale).assign(rng.uniform(0.003, 0.02))
    shape = (3, *x.shape[1:])
    data = rng.integers(0, 9, shape).astype("int32") if x.dtype == "int32" else rng.normal(size=shape).astype("float32")
    if x.dtype == "int32":
        data[0, -1] = 0
    y = np.asarray(model(data))
    y = y.astype("float32") if policy == "mixed_bfloat16" else y
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    np.save(os.path.join(folder, "x0.npy"), data)
    np.save(os.path.join(folder, "y0.npy"), y)
    output_dtype = {"float32": "float32", "mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}[policy]
    atol, rtol = TOLERANCE[policy]
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "quantized",
                   "case": os.path.basename(folder), "seed": seed,
                   "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": "x0.npy", "shape": list(data.shape), "dtype": str(data.dtype),
                               "declared_shape": [None, *x.shape[1:]], "declared_dtype": x.dtype}],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": output_dtype}],
                   "atol": atol, "rtol": rtol, "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""},
                  out, indent=1)


def main(out):
    for name, *case in cases():
        folder = os.path.join(out, "quantized", name + SUFFIX)
        try:
            write(folder, name, *case)
        except Exception as error:  # Keras itself cannot: say so and go on
            print(f"{name}{SUFFIX}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main(sys.argv[1])
