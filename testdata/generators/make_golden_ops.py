#!/usr/bin/env python3
"""Write cases of operation nodes: functions of keras.ops (Keras 3) and tf (Keras 2.15) called on symbolic tensors.

    python make_golden_ops.py OUT_DIR [TABLE...]        (run once per Keras version)

A table is a module of ops/ (all of them if none is named). It says to which GROUP its cases belong and lists them in the
dictionaries K2, K3 and K315: name -> (inputs, call), or (inputs, call, tolerance) where 2e-5 absolute and 1e-4 relative
do not do. `call` takes the inputs as symbolic tensors and returns the outputs; several uses of an operation share a case.
Cases of K2 end in _k2, those of K3 in _k3, those of K315 in _k315.

An input is written "dtype[sizes] kind": "f32[?3,4]", "i32[2,3] 0..5", "bool[4]". A size with ? is declared unknown.
Kinds: normal (the default of floats), unit (-0.9..0.9), positive (0.1..2), LOW..HIGH (integers, both included; the default
is -4..4), special (normal with NaN and infinities), spd (symmetric positive definite matrices).
"""
import importlib
import json
import os
import pkgutil
import re
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

import ops as tables

DTYPES = {"f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64", "bool": "bool",
          **{f"{u}{n}": f"{'u' * (u == 'u')}int{n}" for u in "iu" for n in (8, 16, 32, 64)}}
HALVES = {"float16": (2e-3, 2e-3), "bfloat16": (1.6e-2, 1.6e-2)}
TABLE = "K2" if keras.__version__.startswith("2.") else "K3" if keras.__version__ == "3.12.0" else "K315"


class Input:
    def __init__(self, text):
        dtype, sizes, self.kind = re.fullmatch(r"(\w+)\[(.*)\] ?(.*)", text).groups()
        self.dtype = DTYPES[dtype]
        sizes = sizes.split(",") if sizes else []
        self.declared = [None if size.startswith("?") else int(size) for size in sizes]
        self.shape = [int(size.strip("?")) for size in sizes]

    def symbol(self, i):
        if TABLE == "K2" and not self.shape:
            raise ValueError("tf.keras has no inputs of rank 0")
        return keras.Input(batch_shape=self.declared, dtype=self.dtype, name=f"x{i}")

    def numbers(self, rng):
        if self.dtype == "bool":
            return rng.integers(0, 2, self.shape).astype(bool)
        if "int" in self.dtype or ".." in self.kind:
            low, high = map(int, (self.kind or ("0..4" if self.dtype[0] == "u" else "-4..4")).split(".."))
            return rng.integers(low, high + 1, self.shape).astype(self.storage())
        if self.kind == "positive":
            x = rng.uniform(0.1, 2, self.shape)
        elif self.kind == "unit":
            x = rng.uniform(-0.9, 0.9, self.shape)
        else:
            x = rng.normal(size=self.shape)
        if self.kind == "special":
            x.flat[:3] = np.nan, np.inf, -np.inf
        if self.kind == "spd":
            x = x @ np.swapaxes(x, -1, -2) + np.eye(self.shape[-1])
        return x.astype(self.storage())

    def storage(self):
        return "float32" if self.dtype == "bfloat16" else self.dtype

    def tensor(self, x):
        return tf.cast(tf.constant(x), self.dtype)


def flat(outputs):
    return tf.nest.flatten(outputs)


def array(y):
    return tf.cast(y, "float32").numpy() if y.dtype == tf.bfloat16 else y.numpy()


def by_rows(model, inputs, x, y):
    """Whether every row of the outputs depends on that row of the inputs alone, so that any batch will do."""
    if not all(i.declared and i.declared[0] is None for i in inputs):
        return False
    try:
        for row in range(len(x[0])):
            part = flat(model([i.tensor(a[row:row + 1]) for i, a in zip(inputs, x)]))
            if not all(np.allclose(array(p), a[row:row + 1], 1e-3, 1e-3, True) for p, a in zip(part, y)):
                return False
    except Exception:
        return False
    return True


def write(folder, name, texts, call, tolerance=(2e-5, 1e-4)):
    keras.backend.clear_session()
    inputs = [Input(text) for text in texts]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    x = [i.numbers(rng) for i in inputs]
    symbols = [i.symbol(k) for k, i in enumerate(inputs)]
    model = keras.Model(symbols, flat(call(*symbols)))
    results = flat(model([i.tensor(a) for i, a in zip(inputs, x)]))
    y = [array(result) for result in results]
    rows = by_rows(model, inputs, x, y)
    for result in results:
        tolerance = tuple(map(max, tolerance, HALVES.get(result.dtype.name, tolerance)))
    os.makedirs(folder)
    with open(os.path.join(folder, "architecture.json"), "w") as out:
        out.write(model.to_json())
    for prefix, arrays in (("x", x), ("y", y)):
        for i, a in enumerate(arrays):
            np.save(os.path.join(folder, f"{prefix}{i}.npy"), a)
    facts = {"keras_version": keras.__version__, "tensorflow_version": tf.__version__,
             "group": os.path.basename(os.path.dirname(folder)), "case": os.path.basename(folder),
             "layer_classes": sorted({type(layer).__name__ for layer in getattr(model, "operations", model.layers)}),
             "inputs": [{"file": f"x{i}.npy", "shape": s.shape, "dtype": s.dtype, "declared_dtype": s.dtype,
                         "declared_shape": s.declared if rows else s.shape} for i, s in enumerate(inputs)],
             "outputs": [{"file": f"y{i}.npy", "shape": list(a.shape), "dtype": r.dtype.name}
                         for i, (a, r) in enumerate(zip(y, results))],
             "atol": tolerance[0], "rtol": tolerance[1], "computed_by": "keras", "files": {"architecture.json": "saved"},
             "note": ""}
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump(facts, out, indent=1)


def main(out, *names):
    for name in names or sorted(module.name for module in pkgutil.iter_modules(tables.__path__)):
        table = importlib.import_module(f"ops.{name}")
        for case, entry in getattr(table, TABLE, {}).items():
            case = f"{case}_{TABLE.lower()}"
            try:
                write(os.path.join(out, table.GROUP, case), case, *entry)
            except Exception as error:  # Keras itself cannot: say so and go on
                print(f"{table.GROUP}/{case}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:300]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
