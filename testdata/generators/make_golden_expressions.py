#!/usr/bin/env python3
"""Write the group `expressions`: custom objects whose bodies are data.

    python make_golden_expressions.py OUT_DIR        (run once per Keras version)

The body of every layer, cell and function is a text. Python executes it to make the case; layerctl reads the same text
from the case's custom_objects.json. Cases end in _k2 or _k3.
"""
import json
import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["COLUMNS"] = "80"
import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import layers as L

MAJOR = keras.__version__.split(".")[0]
K3 = MAJOR == "3"
OUTER = {"tf": tf, "keras": keras, "K": K}
if K3:
    OUTER["ops"] = keras.ops
    OUTER.update({n: getattr(keras.ops, n) for n in dir(keras.ops) if not n.startswith("_")})


def statements(call):
    lines = [call] if isinstance(call, str) else list(call)
    if not lines[-1].startswith("return"):
        lines[-1] = "return " + lines[-1]
    return lines


def function_of(name, names, call, globals_):
    scope = dict(OUTER, **globals_)
    exec(f"def {name}({', '.join(names)}):\n" + "".join(f"    {line}\n" for line in statements(call)), scope)
    return scope[name]


class Shaped:
    def __init__(self, shape):
        self.shape = tuple(shape)


def dimensions(entries, scope):
    return tuple(int(eval(e, dict(OUTER), scope)) if isinstance(e, str) else e for e in entries)


def substituted(value, config):
    if isinstance(value, str) and value.startswith("$"):
        return config[value[1:]]
    if isinstance(value, dict):
        return {k: substituted(v, config) for k, v in value.items()}
    return [substituted(v, config) for v in value] if isinstance(value, list) else value


class Objects:
    """The classes and functions of one custom-objects file."""

    def __init__(self, file):
        self.file = file
        self.globals = dict(file.get("constants", {}))
        self.all = {}
        for name, f in file.get("functions", {}).items():
            f = f if isinstance(f, dict) else {"call": f}
            names = f.get("inputs", ["x"]) + [k if v is None else f"{k}={v!r}" for k, v in f.get("config", {}).items()]
            self.globals[name] = self.all[name] = function_of(name, names, f["call"], self.globals)
        for name, d in file.get("layers", {}).items():
            self.all[name] = self.alias(name, d["alias"]) if "alias" in d else self.layer(name, d)
        for name, d in file.get("cells", {}).items():
            self.all[name] = self.layer(name, d, cell=True)

    def alias(self, name, d):
        base, preset = getattr(L, d["class_name"]), d.get("config", {})
        return type(name, (base,), {"__init__": lambda me, *a, **kw: base.__init__(me, *a, **dict(preset, **kw))})

    def layer(objects, name, d, cell=False):
        inputs, defaults = d.get("inputs", ["x"]), d.get("config", {})
        states = list(d.get("states", {}))

        class Written(L.Layer):
            def __init__(me, **kw):
                own = {k: kw.pop(k, v) for k, v in defaults.items()}
                super().__init__(**kw)
                me.own = dict(own)
                for k, v in own.items():
                    setattr(me, k, keras.activations.get(v) if k == "activation" else v)
                for k, v in d.get("layers", {}).items():
                    config = dict(substituted(v.get("config", {}), own), name=k)
                    cls = objects.all.get(v["class_name"]) or getattr(L, v["class_name"])
                    setattr(me, k, cls(**config))
                if d.get("mask") == "pass":
                    me.supports_masking = True
                if cell:
                    me.state_size = [dimensions(s, own)[0] for s in d["states"].values()]
                    me.output_size = dimensions(d["output_size"], own)[0] if "output_size" in d else me.state_size[0]
                names = ["self", *inputs, "states"] if cell else ["self", *inputs]
                lines = statements(d["call"])
                if cell:
                    lines = [f"{', '.join(states)}, = states", *lines]
                free = [*defaults, *(w["name"] for w in d.get("weights", [])), *d.get("layers", {})]
                lines = [*(f"{n} = self.{n}" for n in free), "training = False", *lines]
                me.body = function_of("call", names, lines, objects.globals)

            def build(me, shape):
                shapes = [shape] if len(inputs) == 1 else shape
                if shapes and not isinstance(shapes[0], (tuple, list, tf.TensorShape)):
                    shapes = [shapes]
                scope = dict(me.own, **{n: Shaped(s) for n, s in zip(inputs, shapes)})
                for w in d.get("weights", []):
                    setattr(me, w["name"], me.add_weight(name=w["name"], shape=dimensions(w["shape"], scope),
                                                         initializer="random_normal", trainable=w.get("trainable", True)))
                for n, path in d.get("build", {}).items():
                    getattr(me, n).build(dimensions_of(path, scope))
                me.built = True

            def get_config(me):
                return dict(super().get_config(), **me.own)

        def call(me, x, states=None):
            if cell:
                return me.body(me, x, states)
            return me.body(me, *(x if len(inputs) > 1 else [x]))

        def plain_call(me, x):
            return call(me, x)

        def cell_call(me, x, states):
            return call(me, x, states)

        Written.call = cell_call if cell else plain_call
        Written.__name__ = Written.__qualname__ = name
        return Written


def dimensions_of(path, scope):
    return tuple(None if i == 0 else v for i, v in enumerate(eval(path, {}, scope)))


CASES = {}


def case(name, file, build, on="23", x=None, mask=False, shape=(5, 4), count=1, dtype="float32", tol=2e-5):
    if MAJOR in on:
        CASES[name] = dict(file=file, build=build, x=x, mask=mask, shape=shape, count=count, dtype=dtype, tol=tol)


def expression(name, call, on="23", shape=(5, 4), weights=(), config=None, given=None, functions=None, constants=None, **kw):
    inputs = ["a", "b"] if kw.get("count") == 2 else ["x"]
    d = {"inputs": inputs, "call": call}
    if weights:
        d["weights"] = [{"name": n, "shape": s} for n, s in weights]
    if config:
        d["config"] = config
    file = {"layers": {"Written": d}}
    if functions:
        file["functions"] = functions
    if constants:
        file["constants"] = constants
    case(name, file, lambda o, *xs: o["Written"](**(given or {}))(list(xs) if len(xs) > 1 else xs[0]), on, shape=shape, **kw)


# ---- expressions of one layer
expression("arithmetic", "((x + 2) * 3 - x / 2) ** 2 - x * -1.5 + 1 / (2 + x * x)")
expression("division", "x // 0.7 + x % 0.3 - (-x) % 0.25")
expression("constants", "x * (7 // 2 + 7 % 4 - 2 ** 3 + 10 / 4) + (1 if 3 > 2 and not 1 == 2 else 5) - SCALE", constants={"SCALE": 2.5})
expression("comparison", ["a = tf.cast(x > 0.2, tf.float32)", "b = tf.cast(x <= -0.1, x.dtype)", "a * 2 + b + tf.where(x >= 0.0, x, -3.0 * x)"])
expression("slices", ["a = x[:, 1:3]", "b = x[:, -2:, :]", "tf.concat([a, b], 1)[..., ::-1] + x[:, :1]"])
expression("subscripts", "tf.stack([x[:, 0], x[:, -1]], axis=1)[..., None] * x[:, None, 1:2, 0:1]")
expression("unpacking", ["n, d = x.shape[1:]", "tf.reshape(x, (-1, n * d)) / (n + d)"])
expression("shape", ["n = tf.shape(x)[0]", "y = tf.reshape(x, [n, -1])", "tf.reshape(y, [n, x.shape[1], x.shape[2]]) + len(x.shape)"])
expression("reductions", "tf.reduce_sum(x, axis=1) + tf.reduce_mean(x, 1) * tf.math.reduce_max(x, axis=-2) - tf.math.reduce_std(x, 1)")
expression("tf_functions", "tf.nn.relu(x) + tf.sigmoid(x) * tf.math.tanh(x) + tf.exp(-tf.abs(x)) + tf.sqrt(tf.square(x) + 1.0) + tf.nn.softmax(x, axis=-1)")
expression("tf_more", "tf.maximum(x, 0.1) - tf.minimum(x, 0.2) + tf.math.log1p(tf.abs(x)) + tf.nn.gelu(x) + tf.nn.leaky_relu(x, alpha=0.3) + tf.clip_by_value(x, -0.5, 0.5)")
expression("tf_constant_alone", "x * tf.sqrt(2.0) + tf.math.pow(x, 2)")
expression("matmul", ["y = x @ w + b", "tf.matmul(y, v, transpose_b=True)"], weights=[("w", ["x.shape[-1]", 3]), ("b", [3]), ("v", [6, 3])])
expression("outer", "tf.matmul(x, x, transpose_b=True) / x.shape[-1] ** 0.5")
expression("backend", "K.sum(x, axis=-1, keepdims=True) + K.mean(K.square(x), axis=1, keepdims=True) + K.sqrt(K.abs(x) + K.epsilon()) + K.clip(x, -0.4, 0.3)", on="2")
expression("backend_shapes", ["y = K.concatenate([x, K.expand_dims(x[..., 0])])", "y = K.permute_dimensions(y, (0, 2, 1))", "K.reshape(y, (-1, K.int_shape(y)[1] * K.int_shape(y)[2]))"], on="2")
expression("backend_dot", "K.softmax(K.dot(x, w)) + K.relu(K.dot(x, w), alpha=0.1) + K.pow(K.tanh(b), 2)", weights=[("w", ["x.shape[-1]", 3]), ("b", [3])], on="2")
expression("backend_more", "K.l2_normalize(x, axis=-1) + K.std(x, axis=1, keepdims=True) + K.elu(x, 0.5) + K.softplus(x) + K.stack([x, x], axis=0)[0]", on="2")
expression("ops", "softmax(x, axis=1) + ops.relu(x) * keras.ops.sigmoid(x) + gelu(x) + leaky_relu(x) + ops.mean(x, axis=-1, keepdims=True) + var(x, axis=1, keepdims=True)", on="3")
expression("ops_shapes", ["y = transpose(x, (0, 2, 1))", "y = reshape(y, (shape(x)[0], -1))", "concatenate([y, expand_dims(y[:, 0], -1)], axis=-1)"], on="3")
expression("ops_einsum", "einsum('bnd,dk->bnk', x, w) + matmul(x, w)", weights=[("w", [4, 3])], on="3")
expression("ops_pad", "pad(x, ((0, 0), (1, 2), (0, 1)), mode='constant', constant_values=1.5) + pad(x, [[0, 0], [2, 1], [1, 0]])", on="3")
expression("ops_split", ["a, b = split(x, 2, axis=-1)", "stack([a * 2, minimum(b, 0.3)], axis=1)"], on="3")
expression("ops_choice", "where(logical_and(x > -0.5, x < 0.5), x, sign(x)) + clip(x, -0.2, 0.2) + abs(x) + power(x, 2)", on="3")
expression("split", ["a, b = tf.split(x, 2, axis=-1)", "a * tf.sigmoid(b)"])
expression("activations", "keras.activations.relu(x) + keras.activations.gelu(x) + keras.activations.elu(x, alpha=0.5) + keras.activations.hard_sigmoid(x) + keras.activations.softmax(x) + keras.activations.swish(x)")
expression("activation_config", "activation(x * factor) + self.activation(-x)", config={"activation": None, "factor": 2.0}, given={"activation": "hard_sigmoid"})
expression("activation_custom", "activation(x)", config={"activation": None}, given={"activation": "tanh"})
expression("conditional", ["y = x * scale if use_scale else x", "y + tf.reduce_sum(x, axis=-1, keepdims=True) if mode == 'sum' else y"], config={"use_scale": True, "scale": 2.5, "mode": None}, given={"mode": "sum", "scale": -0.5})
expression("config_list", "x * sizes[0] + len(sizes) + sizes[-1] / sum_of", config={"sizes": None, "sum_of": 4}, given={"sizes": [2, 3, 5]})
expression("two_inputs", ["d = a - b", "return tf.sqrt(tf.reduce_sum(d * d, axis=-1, keepdims=True))"], count=2)
expression("functions", "gated(x, factor=2.0) + mish_like(-x)", functions={"mish_like": "x * tf.tanh(tf.math.softplus(x))", "gated": {"inputs": ["x"], "config": {"factor": 1.0}, "call": ["y = mish_like(x)", "y * factor"]}})
expression("integers", "tf.cast(x, tf.float32) / 2.0 + tf.cast(x * 3 - 1, 'float32')", dtype="int32", shape=(3,))
expression("booleans", "tf.cast(x > 2, tf.int32) + x", dtype="int32", shape=(3,))
case("two_outputs", {"layers": {"Halves": {"call": ["n = x.shape[-1] // 2", "return x[..., :n], x[..., n:]"]}}},
     lambda o, x: (lambda p: L.Concatenate()([p[1], p[0]]))(o["Halves"]()(x)))

# ---- weights, sub-layers and their order
NORM = {"config": {"momentum": 0.9},
        "weights": [{"name": "gain", "shape": ["x.shape[-1]"]}, {"name": "seen", "shape": [], "trainable": False}, {"name": "shift", "shape": ["x.shape[-1]"]}],
        "layers": {"norm": {"class_name": "BatchNormalization", "config": {"momentum": "$momentum"}}, "dense": {"class_name": "Dense", "config": {"units": 4}}},
        "build": {"norm": "x.shape", "dense": "x.shape"},
        "call": "dense(norm(x) * gain) + shift * seen"}
case("weights_and_sub_layers", {"layers": {"Gained": NORM}}, lambda o, x: L.Dense(3)(o["Gained"]()(o["Gained"](momentum=0.5)(x))))
case("frozen", {"layers": {"Gained": NORM}}, lambda o, x: L.Dense(3)(o["Gained"](trainable=False)(x)), on="2")  # Keras 3 freezes the own weights alone
case("shared_sub_layer", {"layers": {"Twice": {"layers": {"dense": {"class_name": "Dense", "config": {"units": 4, "activation": "tanh"}}}, "build": {"dense": "x.shape"}, "call": "dense(dense(x)) + x"}}},
     lambda o, x: o["Twice"]()(x))
case("nested_custom", {"layers": {"Inner": {"config": {"units": None}, "weights": [{"name": "w", "shape": ["x.shape[-1]", "units"]}], "call": "x @ w"},
                                  "Outer": {"config": {"units": None}, "layers": {"first": {"class_name": "Inner", "config": {"units": "$units"}}, "second": {"class_name": "Inner", "config": {"units": 4}}},
                                            "build": {"first": "x.shape", "second": "x.shape[:-1] + (units,)"}, "call": "x + second(tf.nn.relu(first(x)))"}}},
     lambda o, x: o["Outer"](units=6)(x), on="3")  # Keras 2 cannot save two weights of one name
case("merging_sub_layers", {"layers": {"Block": {"layers": {"conv": {"class_name": "Conv1D", "config": {"filters": 4, "kernel_size": 3, "padding": "same"}}, "add": {"class_name": "Add"}, "cat": {"class_name": "Concatenate", "config": {"axis": 1}}},
                                                "build": {"conv": "x.shape"}, "call": ["y = conv(x)", "cat([add([x, y]), y])"]}}},
     lambda o, x: o["Block"]()(x))
case("attention_block", {"layers": {"Block": {"config": {"heads": 2}, "layers": {"att": {"class_name": "MultiHeadAttention", "config": {"num_heads": "$heads", "key_dim": 3}}, "norm": {"class_name": "LayerNormalization", "config": {"epsilon": 1e-6}}, "drop": {"class_name": "Dropout", "config": {"rate": 0.1}}},
                                             "call": ["y = self.att(x, x)", "y = self.drop(y, training=training)", "return self.norm(x + y)"]}}},
     lambda o, x: o["Block"](heads=3)(x), on="2")
case("alias", {"layers": {"MyDense": {"alias": {"class_name": "Dense", "config": {"activation": "relu"}}}}}, lambda o, x: o["MyDense"](3)(o["MyDense"](4, activation="tanh")(x)))
case("time_distributed", {"layers": {"Scaled": {"config": {"units": None}, "weights": [{"name": "w", "shape": ["x.shape[-1]", "units"]}], "call": "tf.nn.softmax(x @ w)"}}}, lambda o, x: L.TimeDistributed(o["Scaled"](units=3))(x), on="2")

# ---- masks: an average over time tells which one arrived
POOL = lambda y: L.GlobalAveragePooling1D()(y)
DENSE = {"dense": {"class_name": "Dense", "config": {"units": 4}}}
case("mask_stops", {"layers": {"Plain": {"call": "x * 2.0"}}}, lambda o, x: POOL(o["Plain"]()(x)), mask=True)
case("mask_passes", {"layers": {"Plain": {"mask": "pass", "call": "x * 2.0"}}}, lambda o, x: POOL(o["Plain"]()(x)), mask=True)
case("mask_through_sub_layer", {"layers": {"Wrapped": {"layers": DENSE, "build": {"dense": "x.shape"}, "call": "dense(x)"}}}, lambda o, x: POOL(o["Wrapped"]()(x)), mask=True)
case("mask_behind_sub_layer", {"layers": {"Wrapped": {"layers": DENSE, "build": {"dense": "x.shape"}, "call": "dense(x) + 1.0"}}}, lambda o, x: POOL(o["Wrapped"]()(x)), mask=True)
case("mask_made_inside", {"layers": {"Wrapped": {"layers": {"masking": {"class_name": "Masking"}, "pool": {"class_name": "GlobalAveragePooling1D"}}, "call": "pool(masking(x)) + tf.reduce_sum(x, axis=1)"}}}, lambda o, x: o["Wrapped"]()(x))
case("mask_leaves", {"layers": {"Wrapped": {"layers": {"masking": {"class_name": "Masking"}}, "call": "masking(x)"}}}, lambda o, x: POOL(o["Wrapped"]()(x)))
case("mask_into_rnn", {"layers": {"Wrapped": {"layers": {"rnn": {"class_name": "LSTM", "config": {"units": 3}}}, "build": {"rnn": "x.shape"}, "call": "rnn(x)"}}}, lambda o, x: o["Wrapped"]()(x), mask=True)
case("mask_identity", {"layers": {"Plain": {"call": "x"}}}, lambda o, x: POOL(o["Plain"]()(x)), mask=True)

# ---- cells
CELL = {"config": {"units": 3}, "weights": [{"name": "w", "shape": ["x.shape[-1]", "units"]}, {"name": "u", "shape": ["units", "units"]}],
        "states": {"h": ["units"]}, "call": ["h = tf.tanh(x @ w + h @ u)", "return h, [h]"]}
GATED = {"config": {"units": 3, "leak": 0.25}, "weights": [{"name": "w", "shape": ["x.shape[-1]", "2 * units"]}, {"name": "b", "shape": ["units"]}],
         "states": {"h": ["units"], "m": ["2 * units"]}, "output_size": ["3 * units"],
         "call": ["z = x @ w + m", "h2 = tf.sigmoid(z[:, :3]) * h + leak * z[:, 3:] + b", "m2 = (1.0 - leak) * m + leak * z", "return tf.concat([h2, m2], axis=-1), [h2, m2]"]}
case("cell", {"cells": {"Cell": CELL}}, lambda o, x: L.RNN(o["Cell"](units=4), return_sequences=True)(x))
case("cell_two_states", {"cells": {"Cell": GATED}}, lambda o, x: L.RNN(o["Cell"](), return_sequences=True)(x))
case("cell_masked", {"cells": {"Cell": GATED}}, lambda o, x: L.RNN(o["Cell"]())(x), mask=True)
case("cell_bidirectional", {"cells": {"Cell": CELL}}, lambda o, x: L.Bidirectional(L.RNN(o["Cell"](), return_sequences=True))(x), on="2", mask=True)
case("cell_backwards", {"cells": {"Cell": CELL}}, lambda o, x: L.RNN(o["Cell"](), go_backwards=True, return_sequences=True)(x))
case("cell_stacked", {"cells": {"Cell": CELL, "Gated": GATED}}, lambda o, x: L.RNN([o["Cell"](units=4), L.GRUCell(3), o["Gated"](leak=0.5)])(x), on="2")
case("cell_with_sub_layer", {"cells": {"Cell": {"config": {"units": 3}, "layers": {"dense": {"class_name": "Dense", "config": {"units": "$units", "activation": "tanh"}}}, "build": {"dense": "(None, 7)"},
                                                "states": {"h": ["units"]}, "call": ["h = dense(tf.concat([x, h], -1))", "return h, [h]"]}}},
     lambda o, x: L.RNN(o["Cell"]())(x))

# ---- functions
F = {"functions": {"bend": "tf.where(x > 0.0, x, 0.2 * tf.sin(x))", "scaled": {"config": {"factor": None, "shift": 0.0}, "call": "x * factor + shift"},
                   "difference": {"inputs": ["x"], "call": "x[0] - x[1] * 2.0"}}}
case("function_in_lstm", F, lambda o, x: L.LSTM(3, activation=o["bend"])(x))
case("function_in_conv", F, lambda o, x: L.Conv1D(3, 2, activation=o["bend"])(x))
case("function_in_activation", F, lambda o, x: L.Activation(o["bend"])(x))
case("lambda_named", F, lambda o, x: L.Lambda(o["scaled"], arguments={"factor": 1.5}, name="scaling", **({"output_shape": (5, 4)} if K3 else {}))(x), on="3")
case("lambda_list", {**F, "lambdas": {"minus": {"inputs": ["x"], "call": "x[0] - x[1] * 2.0"}}}, lambda o, a, b: L.Lambda(o["difference"], name="minus")([a, b]), count=2)
case("lambda_masked", {**F, "lambdas": {"bending": "tf.where(x > 0.0, x, 0.2 * tf.sin(x))"}}, lambda o, x: POOL(L.Lambda(o["bend"], name="bending")(x)), mask=True)
case("half", {"layers": {"Written": {"weights": [{"name": "w", "shape": ["x.shape[-1]", 3]}], "call": "tf.nn.softmax(tf.tanh(x @ w) * 2.0)"}}},
     lambda o, x: o["Written"](dtype="mixed_float16")(x), tol=2e-3)


def inputs(c, rng):
    shape = (3, *c["shape"])
    if c["dtype"] != "float32":
        return [rng.integers(-3, 6, size=shape).astype(c["dtype"]) for _ in range(c["count"])]
    x = rng.normal(size=shape).astype("float32")
    if len(shape) == 3:
        x[0, 3:] = 0
        x[1, 1] = 0
    return [x, x[::-1].copy()][:c["count"]]


def write(folder, name, c):
    seed = zlib.crc32(name.encode())
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    objects = Objects(c["file"]).all
    symbols = [L.Input(c["shape"], dtype=c["dtype"]) for _ in range(c["count"])]
    tensors = [L.Masking()(s) for s in symbols] if c["mask"] else symbols
    model = keras.Model(symbols, c["build"](objects, *tensors))
    model.set_weights([(w + 0.3 * rng.normal(size=w.shape)).astype(w.dtype) if "variance" not in v.name else np.abs(w + 0.3)
                       for w, v in zip(model.get_weights(), model.weights)])
    x = inputs(c, rng)
    y = np.asarray(model(x if len(x) > 1 else x[0], training=False))
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    for i, array in enumerate(x):
        np.save(os.path.join(folder, f"x{i}.npy"), array)
    np.save(os.path.join(folder, "y0.npy"), y)
    file = json.loads(json.dumps(c["file"]))
    for section in ("layers", "cells"):
        for d in file.get(section, {}).values():
            d.pop("build", None)  # what Python needs to build the sub-layers
    with open(os.path.join(folder, "custom_objects.json"), "w") as out:
        json.dump(file, out, indent=1)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "expressions",
                   "case": os.path.basename(folder), "seed": seed,
                   "layer_classes": sorted({type(layer).__name__ for layer in model.layers}),
                   "inputs": [{"file": f"x{i}.npy", "shape": list(a.shape), "dtype": c["dtype"],
                               "declared_shape": [None, *c["shape"]], "declared_dtype": c["dtype"]} for i, a in enumerate(x)],
                   "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": str(y.dtype)}],
                   "atol": c["tol"], "rtol": max(c["tol"], 1e-4), "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""},
                  out, indent=1)
    summary = []
    model.summary(print_fn=lambda line, **kw: summary.append(line))
    with open(os.path.join(folder, "summary.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(summary) + "\n")


def main(out):
    for name, c in CASES.items():
        folder = os.path.join(out, "expressions", f"{name}_k{MAJOR}")
        try:
            write(folder, name, c)
        except Exception as error:  # Keras itself cannot: say so and go on
            print(f"{name}_k{MAJOR}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:160]}")


if __name__ == "__main__":
    main(sys.argv[1])
