#!/usr/bin/env python3
"""Random models: layerctl against the Keras of this interpreter.

    run.py LAYERCTL [--count N] [--first SEED] [--keep FOLDER]

Prints what layerctl refuses, by reason, and every model whose numbers differ; exit status 1 if there is one. A model
that differs is kept in FOLDER in the layout of testdata/golden, ready to become a case. When it is stopped, it still
prints what it has compared.
"""
import argparse
import collections
import gc
import json
import logging
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
warnings.filterwarnings("ignore")
import keras
import numpy as np

from random_models import Refused, build

for talker in ("tensorflow", "absl"):
    logging.getLogger(talker).setLevel(logging.ERROR)
ATOL, RTOL = 2e-5, 1e-4  # relative to the largest magnitude of the output
DAMAGED, UNSUPPORTED = 3, 4  # exit codes of layerctl


def tolerance(finite):
    return ATOL + RTOL * np.abs(finite).max(initial=0)


def difference(wanted, found):
    """The largest difference in terms of the output's magnitude, or why there is none."""
    if wanted.shape != found.shape:
        return f"shape {found.shape}, wanted {wanted.shape}"
    if wanted.dtype != found.dtype:
        return f"dtype {found.dtype}, wanted {wanted.dtype}"
    if not np.issubdtype(wanted.dtype, np.floating):
        return None if np.array_equal(wanted, found) else "numbers differ"
    if not np.array_equal(np.isfinite(wanted), np.isfinite(found)):
        return "finite where the other is not"
    # TensorFlow's largest number of some NaN and others is one of them or the lowest float, as its vectors happen to lie.
    finite = np.isfinite(wanted) & (wanted != np.finfo("float32").min)
    if not finite.any():
        return None
    a, b = wanted[finite].astype("float64"), found[finite].astype("float64")
    worst = np.abs(a - b).max()
    return None if worst <= tolerance(a) else f"off by {worst:.3g} of {np.abs(a).max():.3g}"


def write_model(folder, model, inputs, outputs):
    model.save(folder / "model.h5")
    for i, x in enumerate(inputs):
        np.save(folder / f"x{i}.npy", x)
    for i, y in enumerate(outputs):
        np.save(folder / f"y{i}.npy", y)


def predict(layerctl, folder, inputs, outputs):
    words = [layerctl, "predict", folder / "model.h5", *(folder / f"x{i}.npy" for i in range(len(inputs)))]
    for i in range(len(outputs)):
        words += ["-o", folder / f"found{i}.npy"]
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def compare(folder, outputs):
    complaints = []
    for i, wanted in enumerate(outputs):
        complaint = difference(wanted, np.load(folder / f"found{i}.npy"))
        if complaint:
            complaints.append(f"output {i}: {complaint}")
    return "; ".join(complaints)


def nearer_to_exact(seed, folder, outputs):
    """Whether every number that differs is nearer to the same model in float64 than Keras' own float32 is."""
    try:
        exact = build(seed, floatx="float64")[2]
    except Refused:
        return False
    for i, (wanted, best) in enumerate(zip(outputs, exact)):
        found = np.load(folder / f"found{i}.npy")
        if difference(wanted, found) is None:
            continue
        if not np.issubdtype(wanted.dtype, np.floating):
            return False
        differs = ~np.isclose(found, wanted, rtol=0, atol=tolerance(wanted[np.isfinite(wanted)]), equal_nan=True)
        if not (np.abs(found - best) <= np.abs(wanted - best))[differs].all():
            return False
    return True


def last_bits_changed(array, random):
    """Each float off by as much as a sum of a few rounds it."""
    if not np.issubdtype(array.dtype, np.floating):
        return array
    return (array * (1 + np.finfo(array.dtype).eps * random.integers(-4, 5, array.shape))).astype(array.dtype)


def moves_as_far(model, folder, inputs, outputs):
    """Whether Keras' own numbers move as far as ours lie from them when last bits of its weights and inputs change."""
    weights, random = model.get_weights(), np.random.default_rng(0)
    moved = [np.zeros(y.shape) for y in outputs]
    for _ in range(32):
        model.set_weights([last_bits_changed(w, random) for w in weights])
        others = model.predict([last_bits_changed(x, random) for x in inputs], verbose=0)
        for i, other in enumerate(others if isinstance(others, list) else [others]):
            moved[i] = np.fmax(moved[i], np.abs(other.astype("float64") - outputs[i]))
    model.set_weights(weights)
    for i, wanted in enumerate(outputs):
        found = np.load(folder / f"found{i}.npy")
        if difference(wanted, found) is None:
            continue
        if not np.issubdtype(wanted.dtype, np.floating):
            return False
        finite = np.isfinite(wanted) & np.isfinite(found)
        if not np.array_equal(finite, np.isfinite(wanted) | np.isfinite(found)):
            return False
        off = np.abs(found.astype("float64") - wanted)[finite]
        if not (off <= np.maximum(moved[i][finite], tolerance(wanted[finite]))).all():
            return False
    return True


def mixes_entries(model, inputs, outputs):
    """Whether Keras computes another result for the first entry of the batch alone, or none."""
    try:
        alone = model.predict([x[:1] for x in inputs], verbose=0)
    except Exception:
        return True
    alone = alone if isinstance(alone, list) else [alone]
    return any(difference(y[:1], one) is not None for y, one in zip(outputs, alone))


def layer_classes(model):
    found = set()
    for layer in model._flatten_layers() if hasattr(model, "_flatten_layers") else model.layers:
        found.add(type(layer).__name__)
    return sorted(found)


def describe(seed, model, inputs, outputs):
    arrays = lambda letter, many: [dict(file=f"{letter}{i}.npy", shape=list(a.shape), dtype=str(a.dtype))
                                   for i, a in enumerate(many)]
    facts = dict(keras_version=keras.__version__, group="random", seed=seed, layer_classes=layer_classes(model),
                 inputs=arrays("x", inputs), outputs=arrays("y", outputs), atol=ATOL, rtol=RTOL, computed_by="keras",
                 files={"model.h5": "saved"}, note=f"made by scripts/fuzz-keras, seed {seed}")
    for facts_of, tensor in zip(facts["inputs"], model.inputs):
        facts_of["declared_shape"] = [None, *tensor.shape[1:]]
    return json.dumps(facts, indent=1) + "\n"


def keep(where, seed, folder, model, inputs, outputs):
    major = keras.__version__.split(".")[0]
    target = pathlib.Path(where) / f"seed_{seed}_k{major}"
    shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("found*"))
    (target / "case.json").write_text(describe(seed, model, inputs, outputs))
    print(f"    kept as {target}")


def reason_of(stderr):
    """What is not supported, without the names that differ from model to model."""
    line = stderr.strip().splitlines()[0] if stderr.strip() else "nothing said"
    line = re.sub(r"^layerctl: \S+: ", "", line)
    return re.sub(r"layer '[^']*' ", "", line)[:160]


def examine(seed, options, tally, refusals):
    try:
        model, inputs, outputs = build(seed)
    except Refused:
        tally["not a model"] += 1
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            write_model(folder, model, inputs, outputs)
        except Exception:
            tally["not saved by Keras"] += 1
            return
        result = predict(options.layerctl, folder, inputs, outputs)
        if result.returncode == UNSUPPORTED or result.returncode == DAMAGED and mixes_entries(model, inputs, outputs):
            tally["unsupported"] += 1
            refusals[reason_of(result.stderr)] += 1
            return
        complaint = compare(folder, outputs) if result.returncode == 0 else \
            f"exit {result.returncode}: {result.stderr.strip()[:400]}"
        if not complaint:
            tally["equal"] += 1
            return
        if result.returncode == 0 and nearer_to_exact(seed, folder, outputs):
            tally["nearer to float64 than Keras"] += 1
            return
        if result.returncode == 0 and moves_as_far(model, folder, inputs, outputs):
            tally["no further off than Keras by last bits of its weights and inputs"] += 1
            return
        tally["different"] += 1
        print(f"seed {seed}: {complaint}\n    layers: {', '.join(type(l).__name__ for l in model.layers)}", flush=True)
        if options.keep:
            keep(options.keep, seed, folder, model, inputs, outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layerctl")
    parser.add_argument("--count", type=int, default=1000, help="models to compare")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--keep", help="folder for the models that differ")
    options = parser.parse_args()
    tally, refusals = collections.Counter(), collections.Counter()
    seed = options.first
    gc.freeze()  # clear_session collects garbage, which else goes through all of TensorFlow each time
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while seed - options.first - tally["not a model"] < options.count:
            examine(seed, options, tally, refusals)
            seed += 1
    except KeyboardInterrupt:
        print(f"stopped at seed {seed}")
    for reason, count in refusals.most_common():
        print(f"  unsupported {count} times: {reason}")
    print(f"Keras {keras.__version__}, seeds {options.first} to {seed - 1}: "
          + ", ".join(f"{count} {what}" for what, count in tally.items()))
    return 1 if tally["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
