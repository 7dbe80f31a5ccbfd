#!/usr/bin/env python3
"""Write the group `lambda`: models of one Lambda layer, with the functions of compiled.tar.xz.

    python make_golden_lambda.py OUT_DIR        (run once per Keras version)

Cases end in _k2 or _k3; what a Keras refuses is printed.
"""
import importlib
import json
import os
import sys
import tarfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

MAJOR = keras.__version__.split(".")[0]
COMPILED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "compiled.tar.xz")

DEPENDENT_ROWS = {"dueling_all": "the mean is that of the whole batch"}
BATCH_IN_OUTPUT = {"K_dot_T"}  # has as many columns as rows, which the harness has no words for


class Cell:
    """Captured variables: the function is made inside one that holds them."""

    def __init__(self, entry):
        names = ", ".join(entry["closure_names"])
        source = entry["source"].rstrip()
        lines = source.splitlines() if source.startswith("def ") else ["made = " + source]
        made = lines[0][4:lines[0].index("(")] if source.startswith("def ") else "made"
        text = f"def around({names}):\n" + "".join(f"    {line}\n" for line in lines) + f"    return {made}\n"
        space = {name: importlib.import_module(module) for name, module in entry["globals"].items()
                 if module != "tensorflow.keras.backend"}
        if "K" in entry["globals"]:
            space["K"] = tf.keras.backend
        exec(text, space)
        self.function = space["around"](*(entry["closure_values"] or []))


def write(folder, entry):
    name = os.path.basename(folder)
    x = [np.array(a["data"], a["dtype"]).reshape(a["shape"]) for a in entry["expected"]["inputs"]]
    symbols = [keras.Input(a.shape[1:], dtype=str(a.dtype)) for a in x]
    layer = keras.layers.Lambda(Cell(entry).function, arguments=entry["arguments"] or {})
    model = keras.Model(symbols, layer(symbols if len(symbols) > 1 else symbols[0]))
    y = model.predict(x if len(x) > 1 else x[0], batch_size=64, verbose=0)
    y = list(y) if isinstance(y, (list, tuple)) else [y]
    os.makedirs(folder)
    files = ["model.h5"] + (["model.keras"] if MAJOR == "3" else [])
    for file in files:
        model.save(os.path.join(folder, file))
    for kind, arrays in (("x", x), ("y", y)):
        for i, array in enumerate(arrays):
            np.save(os.path.join(folder, f"{kind}{i}.npy"), array)
    facts = {"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "lambda", "case": name,
             "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
             "inputs": [{"file": f"x{i}.npy", "shape": list(a.shape), "dtype": str(a.dtype),
                         "declared_shape": [None, *a.shape[1:]], "declared_dtype": str(a.dtype)}
                        for i, a in enumerate(x)],
             "outputs": [{"file": f"y{i}.npy", "shape": list(a.shape), "dtype": str(a.dtype)} for i, a in enumerate(y)],
             "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {file: "saved" for file in files},
             "note": entry["source"]}
    if entry["id"] in DEPENDENT_ROWS:
        facts["dependent_rows"] = DEPENDENT_ROWS[entry["id"]]
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump(facts, out, indent=1)


def main(out):
    with tarfile.open(COMPILED) as archive:
        entries = [json.load(archive.extractfile(member)) for member in archive if member.isfile()]
    for entry in entries:
        name = f"{entry['id']}_k{MAJOR}"
        if entry["kind"] != "ok" or MAJOR not in entry["keras"] or entry["id"] in BATCH_IN_OUTPUT:
            continue
        try:
            keras.backend.clear_session()
            write(os.path.join(out, "lambda", name), entry)
        except Exception as error:  # Keras itself cannot: say so and go on
            print(f"{name}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main(sys.argv[1])
