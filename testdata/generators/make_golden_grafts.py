#!/usr/bin/env python3
"""Write the group `grafts`: models that were given weights of another one with Keras' load_weights.

    python make_golden_grafts.py OUT_DIR        (run once per Keras version)

`model.h5` has the weights that the model had before, `graft.h5` or `graft.weights.h5` those of the other model, and
`case.json` under `graft` the arguments of load_weights; the recorded outputs are those after it.
"""
import json
import os
import sys

from fixture_common import *


def stack(name, units, head, width=6, extra=False):
    layers = [inp((width,)), L.Dense(5, activation="relu", name="first"), L.BatchNormalization(name="norm")]
    if extra:
        layers.append(L.Dense(5, name="inserted"))
    return keras.Sequential(layers + [L.Dense(units, name=head)], name=name)


def nested(head, inner_units=4):
    sub = keras.Sequential([inp((5,)), L.Dense(inner_units, name="d1"), L.BatchNormalization(name="bn"),
                            L.Dense(5, name="d2")], name="sub")
    i = inp((6,))
    return keras.Model(i, L.Dense(2, name=head)(sub(L.Dense(5, name="outer")(i))))


def shared(head):
    a, b = inp((4,), name="a"), inp((4,), name="b")
    tower = L.Dense(4, name="tower")
    return keras.Model([a, b], L.Dense(2, name=head)(L.Concatenate(name="join")([tower(a), tower(b)])))


def separable(filters):
    i = inp((8, 8, 3))
    x = L.SeparableConv2D(filters, 3, name="conv")(i)
    return keras.Model(i, L.Dense(2, name="head")(L.GlobalAveragePooling2D(name="pool")(x)))


def recurrent(units, head):
    i = inp((5, 4))
    return keras.Model(i, L.Dense(2, name=head)(L.Bidirectional(L.LSTM(units, name="lstm"), name="bi")(i)))


BY_NAME, SKIP = {"by_name": True}, {"skip_mismatch": True}
# name: model, the one whose weights it gets, their file, arguments
CASES = {
    "new_head": (lambda: stack("m", 2, "head"), lambda: stack("m", 3, "old_head"), "graft.h5", BY_NAME),
    "resized_head": (lambda: stack("m", 2, "head"), lambda: stack("m", 3, "head"), "graft.h5", BY_NAME | SKIP),
    "other_width": (lambda: stack("m", 2, "head", 7), lambda: stack("m", 2, "head"), "graft.h5", BY_NAME | SKIP),
    "inserted": (lambda: stack("m", 2, "head", extra=True), lambda: stack("m", 2, "head"), "graft.h5", BY_NAME),
    "removed": (lambda: stack("m", 2, "head"), lambda: stack("m", 2, "head", extra=True), "graft.h5", BY_NAME),
    "renamed": (lambda: stack("m", 2, "head"), lambda: stack("m", 2, "other"), "graft.h5", {}),
    "nested_new_head": (lambda: nested("head"), lambda: nested("old"), "graft.h5", BY_NAME),
    "nested_resized": (lambda: nested("head"), lambda: nested("head", 3), "graft.h5", BY_NAME | SKIP),
    "shared": (lambda: shared("head"), lambda: shared("old"), "graft.h5", BY_NAME),
    "bidirectional": (lambda: recurrent(3, "head"), lambda: recurrent(2, "head"), "graft.h5", BY_NAME | SKIP),
    "other_count": (lambda: stack("m", 2, "norm_2"), lambda: keras.Sequential(
        [inp((6,)), L.Dense(5, use_bias=False, name="first"), L.Dense(2, name="norm_2")]), "graft.h5", BY_NAME | SKIP),
    "path_resized_head": (lambda: stack("m", 2, "head"), lambda: stack("m", 3, "head"), "graft.weights.h5", SKIP),
    "path_part_of_object": (lambda: separable(4), lambda: separable(5), "graft.weights.h5", SKIP),
    "path_other_width": (lambda: stack("m", 2, "head", 7), lambda: stack("m", 2, "head"), "graft.weights.h5", SKIP),
    "path_inserted": (lambda: stack("m", 2, "head", extra=True), lambda: stack("m", 2, "head"), "graft.weights.h5", SKIP),
    "path_removed": (lambda: stack("m", 2, "head"), lambda: stack("m", 2, "head", extra=True), "graft.weights.h5", SKIP),
    "path_nested": (lambda: nested("head"), lambda: nested("head", 3), "graft.weights.h5", SKIP),
}
if K3:  # Keras 2 skips mismatches by name only
    CASES["position_resized_head"] = (lambda: stack("m", 2, "head"), lambda: stack("m", 3, "other"), "graft.h5", SKIP)
    CASES["position_other_width"] = (lambda: stack("m", 2, "head", 7), lambda: stack("m", 2, "other"), "graft.h5", SKIP)


def save_weights(model, path):
    if path.endswith(".weights.h5"):
        model.save_weights(path)
    elif K3:
        model.save(path)
    else:
        model.save_weights(path, save_format="h5")


def record(folder, info, donor, file, arguments):
    path = lambda name: os.path.join(folder, name)
    other = donor()
    randomize(other, np.random.RandomState(info["seed"] + 1))
    save_weights(other, path(file))
    model = keras.models.load_model(path("model.h5"), compile=False)
    model.load_weights(path(file), **arguments)
    x = [tf.constant(np.load(path(i["file"]))) for i in info["inputs"]]
    y = model(x if len(x) > 1 else x[0], training=False).numpy()
    info["before"] = compare([np.load(path("y0.npy"))], [y])
    save_npy(path("y0.npy"), y)
    info["graft"] = {"file": file, "by_name": False, "skip_mismatch": False, **arguments}
    info["files"][file] = "saved"
    with open(path("case.json"), "w", encoding="utf-8") as f:
        json.dump(info, f, indent=1, ensure_ascii=False)


def main(out):
    corpus = Corpus(out)
    for name, (build, donor, file, arguments) in CASES.items():
        info = corpus.case("grafts", name, build, fmts=["h5"])
        if info:
            record(os.path.join(out, "grafts", info["case"]), info, donor, file, arguments)
    corpus.finish("grafts")


if __name__ == "__main__":
    main(sys.argv[1])
