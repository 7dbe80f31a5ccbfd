#!/usr/bin/env python3
"""Write the group `shared`: one layer that stands in a model and in a model nested in it, or in two nested ones.

    python make_golden_shared.py OUT_DIR        (run once per Keras version)

summary.txt is of the file, not of the model before it was saved: Keras 3 shares nothing that it reads from its legacy
h5, Keras 2 only what it numbers and looks up within one Functional model. Where Keras 3 shares when it reads an archive, that
is a case `archive_*`; where it cannot read its own archive, summary.txt is of the model that was saved.
"""
from fixture_common import *

SHAPE = (4,)


def sequential(name, *layers, shape=SHAPE):
    return keras.Sequential([inp(shape), *layers], name=name)


def functional(name, call, inputs=None):
    x = inp(SHAPE, name=inputs)
    return keras.Model(x, call(x), name=name)


def dense(units=4, name="shared"):
    return L.Dense(units, name=name)


def outer_first():
    layer = dense()
    inner = sequential("inner", layer, dense(4, "own"))
    return functional("outer", lambda x: inner(layer(x)))


def nested_first():
    layer = dense()
    inner = sequential("inner", dense(4, "own"), layer)
    return functional("outer", lambda x: layer(inner(x)))


def functional_inside():
    layer = dense()
    inner = functional("inner", lambda x: dense(3, "own")(layer(x)), inputs="x")
    return functional("outer", lambda x: inner(layer(x)), inputs="x")


def sequential_outside():
    layer = dense()
    return sequential("outer", layer, sequential("inner", layer, dense(4, "own")), dense(2, "last"))


def two_nested():
    layer = dense()
    first, second = sequential("first", layer), sequential("second", layer, dense(4, "own"))
    return functional("outer", lambda x: second(first(x)))


def model_twice():
    base = sequential("base", dense(4, "inside"))
    second = sequential("second", base, dense(4, "own"))
    return functional("outer", lambda x: L.Concatenate()([second(x), base(x)]))


def frozen_normalization():
    layer = L.BatchNormalization(name="shared", trainable=False)
    inner = sequential("inner", layer, dense(3, "own"))
    return functional("outer", lambda x: inner(layer(x)))


def deeper():
    layer = dense()
    inner = sequential("inner", layer, dense(4, "own"))
    middle = functional("middle", lambda x: inner(layer(x)))
    return functional("outer", lambda x: dense(2, "last")(middle(x)))


def stateful():
    layer = L.SimpleRNN(4, stateful=True, return_sequences=True, name="shared")
    x = keras.Input(batch_shape=(2, 3, 4))
    inner = keras.Sequential([keras.Input(batch_shape=(2, 3, 4)), layer, dense(3, "own")], name="inner")
    return keras.Model(x, inner(layer(x)), name="outer")


MODELS = (outer_first, nested_first, functional_inside, sequential_outside, two_nested, model_twice, frozen_normalization,
          deeper, stateful)


def predictions(model, x, calls):
    return [to_np(model(tf.constant(x), training=False)) for _ in range(calls)]


def reloaded(path):
    """The model that the file gives, or what Keras says."""
    try:
        model = keras.models.load_model(path, compile=False)
        model(tf.zeros([d or 1 for d in model.inputs[0].shape]))
        return model, "ok"
    except Exception as error:
        return None, f"keras cannot reload: {type(error).__name__}: {clean(str(error), path)[:200]}".replace("\n", " ")


def reset(model):
    for layer in all_layers(model):
        if getattr(layer, "stateful", False):
            layer.reset_state() if K3 else layer.reset_states()


def write(folder, build, file):
    keras.backend.clear_session()
    seed = seed_of(os.path.basename(folder))
    rng = np.random.RandomState(seed)
    model = build()
    randomize(model, rng)
    os.makedirs(folder)
    path = os.path.join(folder, file)
    model.save(path)
    found, verdict = reloaded(path)
    if found is None and file == "model.h5":
        raise RuntimeError(verdict)
    x = rng.normal(size=[d or 3 for d in model.inputs[0].shape]).astype("float32")
    calls = 2 if build is stateful else 1
    for m in filter(None, (model, found)):
        reset(m)
    y, again = predictions(model, x, calls), found and predictions(found, x, calls)
    if again and compare(y, again) != "ok" and build is not stateful:
        raise RuntimeError("the file means another model: " + compare(y, again))
    judge = found or model
    np.save(os.path.join(folder, "x0.npy"), x)
    for name, array in zip(("y0.npy", "y0_call2.npy"), again or y):
        np.save(os.path.join(folder, name), array)
    for name, options in (("summary", {}), ("summary_expand_nested", {"expand_nested": True})):
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as out:
            out.write(summary_text(judge, **options))
    facts = {"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "shared",
             "case": os.path.basename(folder), "seed": seed,
             "layer_classes": sorted({type(layer).__name__ for layer in all_layers(model)}),
             "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": "float32",
                         "declared_shape": list(model.inputs[0].shape), "declared_dtype": "float32"}],
             "outputs": [{"file": "y0.npy", "shape": list(y[0].shape), "dtype": "float32"}],
             "atol": 2e-5, "rtol": 1e-4, "computed_by": "reloaded file" if found else "keras", "files": {file: "saved"},
             "reload": {file: verdict}, "parameters": judge.count_params(), "parameters_before_saving": model.count_params(),
             "note": "" if found else "summary.txt is of the model that was saved"}
    if calls == 2:
        facts["stateful"] = "y*.npy is the first call after a state reset, y*_call2.npy the second call on the same input"
    with open(os.path.join(folder, "case.json"), "w", encoding="utf-8") as out:
        json.dump(facts, out, indent=1)
    print(os.path.basename(folder), facts["parameters_before_saving"], "->", facts["parameters"], verdict[:90])


def main(out):
    for build in MODELS:
        for prefix, file in (("", "model.h5"), *((("archive_", "model.keras"),) if K3 else ())):
            folder = os.path.join(out, "shared", prefix + build.__name__ + SUFFIX)
            try:
                write(folder, build, file)
            except Exception as error:  # Keras itself cannot: say so and go on
                shutil.rmtree(folder, ignore_errors=True)
                print(f"{folder}: not produced: {type(error).__name__}: {str(error)[:150]}")


if __name__ == "__main__":
    main(sys.argv[1])
