#!/usr/bin/env python3
"""How models were compiled, carried between .h5 and .keras, as the Keras of this interpreter reads it.

    compiled.py LAYERCTL

Each model is compiled, trained a little, saved by Keras as both kinds of file, and each file converted to the other.
Loaded with compile=True, the converted file must have the optimizer and the losses of the model that was saved, and the
same results of evaluate under the same names; or those that Keras itself finds in the file it saved. The optimizer's
state must be the model's. Prints a line per file; exit status 1 if one differs.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import keras
import numpy as np
from keras import layers, losses, metrics, optimizers

KERAS2 = keras.__version__.startswith("2.")
SAMPLES = 8


def one_output():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax", name="d")], name="s")


def two_outputs():
    inputs = keras.Input((4,), name="i")
    outputs = [layers.Dense(1, name="a")(inputs), layers.Dense(3, activation="softmax", name="b")(inputs)]
    return keras.Model(inputs, outputs, name="f")


SCHEDULE = optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
CASES = {
    "names": (one_output, dict(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy", "mse", "mae"])),
    "objects": (one_output, dict(
        optimizer=optimizers.SGD(SCHEDULE, momentum=0.9, nesterov=True),
        loss=losses.CategoricalCrossentropy(label_smoothing=0.1), loss_weights=0.5,
        metrics=[metrics.CategoricalAccuracy(name="own"), metrics.AUC()], weighted_metrics=["mse"])),
    "functions": (one_output, dict(
        optimizer=optimizers.Nadam(0.01), loss=losses.mean_squared_error, metrics=[metrics.mean_absolute_error])),
    "no_loss_class": (one_output, dict(optimizer=optimizers.Adamax(0.01, clipnorm=1.0), loss="hinge")),
    "by_name": (two_outputs, dict(
        optimizer=optimizers.RMSprop(0.01, rho=0.8, centered=True), loss={"a": "mse", "b": losses.KLDivergence()},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": ["mae"], "b": [metrics.TopKCategoricalAccuracy(k=2, name="top")]})),
    "by_place": (two_outputs, dict(
        optimizer=optimizers.AdamW(0.01, weight_decay=0.02), loss=["mse", "categorical_crossentropy"],
        loss_weights=[1.0, 2.0], metrics=[["mae"], [metrics.CategoricalAccuracy(name="hits")]])),
    "adadelta": (one_output, dict(optimizer=optimizers.Adadelta(0.5), loss="mse")),
    "adagrad": (one_output, dict(optimizer=optimizers.Adagrad(0.5), loss="mse")),
    "ftrl": (one_output, dict(optimizer=optimizers.Ftrl(0.1), loss="mse")),
    "adafactor": (one_output, dict(optimizer=optimizers.Adafactor(0.1), loss="mse")),
    "lion": (one_output, dict(optimizer=optimizers.Lion(0.1), loss="mse")),
    "averages": (one_output, dict(optimizer=optimizers.Adam(use_ema=True), loss="mse")),
}
if KERAS2:
    for name in "Adam Adagrad Adadelta Adamax Ftrl Nadam RMSprop SGD".split():
        CASES["legacy_" + name.lower()] = (
            one_output, dict(optimizer=getattr(optimizers.legacy, name)(0.01), loss="mse", metrics=["mae"]))


def data_of(model):
    random = np.random.default_rng(1)
    targets = [random.random((SAMPLES, 1)), np.eye(3)[random.integers(0, 3, SAMPLES)]]
    return random.random((SAMPLES, 4)), targets if len(model.outputs) == 2 else targets[1]


def config_of(thing):
    """Of compiled objects: a class with its config; functions and their short names by their name."""
    if isinstance(thing, (list, tuple)):
        return [config_of(item) for item in thing]
    if isinstance(thing, dict):
        return {key: config_of(item) for key, item in thing.items()}
    if hasattr(thing, "get_config"):
        return type(thing).__name__, thing.get_config()
    return getattr(losses.get(thing), "__name__", thing)


def facts_of(model):
    """What a model says of its training, and what it does."""
    inputs, targets = data_of(model)
    return {"optimizer": config_of(model.optimizer), "loss": config_of(model.loss),
            "results": model.evaluate(inputs, targets, verbose=0, return_dict=True)}


def facts_of_own_file(path):
    try:
        return facts_of(keras.models.load_model(path))
    except ValueError:  # Keras 3 does not read every h5 of its own
        return {}


def variables_of(optimizer):
    variables = optimizer.variables() if callable(optimizer.variables) else optimizer.variables
    return [variable.numpy().tolist() for variable in variables]


def state_in(path):
    """Keras 3 reads none from a legacy h5."""
    if path.suffix == ".keras":
        return variables_of(keras.models.load_model(path).optimizer)
    with h5py.File(path) as file:
        group = file.get("optimizer_weights")
        return [] if group is None else [group[name][()].tolist() for name in group.attrs["weight_names"]]


def differences(source, target, where=""):
    if isinstance(source, dict) and isinstance(target, dict):
        keys = list(source) + [key for key in target if key not in source]
        return [text for key in keys
                for text in differences(source.get(key, "absent"), target.get(key, "absent"), f"{where}/{key}")]
    if isinstance(source, float) and isinstance(target, float):
        return [] if np.isclose(source, target, rtol=1e-5) else [f"{where}: {source} became {target}"]
    if isinstance(source, (list, tuple)) and isinstance(target, (list, tuple)) and len(source) == len(target):
        return [text for a, b in zip(source, target) for text in differences(a, b, where)]
    return [] if source == target else [f"{where}: {source!r} became {target!r}"]


def converted(layerctl, source, target):
    run = subprocess.run([layerctl, "convert", source, target], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{source}: exit {run.returncode}: {run.stderr}")
    return run.stderr


def save_both(make, arguments, folder):
    """An archive before a legacy h5, after which Keras 3 would save another archive."""
    model = make()
    model.compile(**arguments)
    inputs, targets = data_of(model)
    model.fit(inputs, targets, verbose=0, shuffle=False)
    model.save(folder / "model.keras")
    state = variables_of(model.optimizer)
    facts = facts_of(model)
    try:
        model.save(folder / "model.h5")
    except ValueError:  # Keras 3 names two arrays of Adafactor the same
        (folder / "model.h5").unlink()
    return facts, state


def problems_of(source, target, facts, state, notes):
    found, own = facts_of(keras.models.load_model(target)), facts_of_own_file(source)
    problems = []
    for key in facts:
        different = differences(facts[key], found[key], key)
        if different and differences(own.get(key, "absent"), found[key], key):
            problems += different
    return problems + ([] if "the optimizer's state" in notes else differences(state, state_in(target), "state"))


def main():
    layerctl, status = sys.argv[1], 0
    for name, (make, arguments) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            facts, state = save_both(make, arguments, folder)
            for source, target in (("model.h5", "other.keras"), ("model.keras", "other.h5")):
                if not (folder / source).exists():
                    continue
                notes = converted(layerctl, folder / source, folder / target).replace(place + "/", "")
                stateless = name.startswith("legacy_") and source == "model.keras"  # Keras 2 stores no state there
                problems = problems_of(folder / source, folder / target, facts, [] if stateless else state, notes)
                status |= bool(problems)
                print(f"{name}: {source} -> {target}: {'; '.join(problems) or 'equal'}", notes.strip())
    return status


if __name__ == "__main__":
    sys.exit(main())
