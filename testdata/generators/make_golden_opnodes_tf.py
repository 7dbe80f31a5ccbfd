#!/usr/bin/env python3
"""Write the group `opnodes_tf`: models of TensorFlowOpLayers, which tf.keras 2.0 to 2.3 made of calls on symbolic tensors.

    python make_golden_opnodes_tf.py OUT_DIR        (Keras 2.15)

Keras 2.15 no longer makes such layers but still reads them. Each case traces a function in a TensorFlow 1 graph and
writes one layer for every operation in it, as the old Keras did: the NodeDef, the inputs that are constants by index,
the others as inbound nodes. `dict` cases hold the NodeDef as an object (2.2, 2.3), `text` cases in its binary form
as a string (2.0, 2.1), but for those that are no UTF-8, which the old Keras could not save. What Keras 2.15 computes after loading the file is the truth.
`dense` cases begin with a Dense layer and are saved as h5 by Keras 2.15.
"""
import json
import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from google.protobuf import json_format

raw = tf.raw_ops
v1 = tf.compat.v1


def numbers(*shape):
    return np.random.default_rng(list(shape)).normal(size=shape).astype("float32").round(3)


CASES = {
    "arithmetic": ([(3, 4)], lambda x: [
        x + 1.5, 2.0 - x, x * x, x / 3.0, 1.0 / x, x ** 2.0, tf.pow(tf.abs(x), 0.3), -x, tf.square(x), tf.sqrt(tf.abs(x)),
        tf.math.rsqrt(tf.abs(x)), tf.exp(x), tf.math.log(tf.abs(x)), tf.math.log1p(tf.abs(x)), tf.math.expm1(x), tf.sign(x),
        tf.floor(x), tf.math.ceil(x), tf.round(x), tf.maximum(x, 0.2), tf.minimum(x, [0.1, 0.2, 0.3, 0.4]), x // 0.7, x % 0.7,
        tf.math.squared_difference(x, 0.5), tf.math.add_n([x, x, x]), raw.Add(x=x, y=x), raw.Div(x=x, y=2.0),
        tf.clip_by_value(x, -0.5, 0.5), raw.ClipByValue(t=x, clip_value_min=-0.1, clip_value_max=0.4),
        tf.math.reciprocal(x), tf.sin(x), tf.cos(x), tf.tan(x), tf.sinh(x), tf.cosh(x), tf.atan(x), tf.asinh(x), tf.math.erf(x)]),
    "activations": ([(3, 4)], lambda x: [
        tf.nn.relu(x), tf.nn.relu6(4 * x), tf.sigmoid(x), tf.tanh(x), tf.nn.elu(x), tf.nn.selu(x), tf.nn.softplus(x),
        tf.nn.softsign(x), tf.nn.leaky_relu(x, 0.1), tf.nn.softmax(x), tf.nn.log_softmax(x), raw.L2Loss(t=x),
        tf.nn.l2_normalize(x, -1), tf.nn.swish(x)]),
    "choices": ([(3, 4), (3, 4)], lambda x, y: [
        tf.where(x > y, x, y), tf.where(x > 0, x, -1.0), raw.Select(condition=x <= y, x=x, y=y),
        tf.cast(tf.logical_and(x < 0.5, tf.logical_not(y >= 0)), tf.float32), tf.cast(tf.logical_or(x > 1, y > 1), tf.int32),
        tf.cast(tf.equal(x, x), tf.float32), tf.cast(tf.not_equal(x, y), tf.float32), tf.cast(tf.math.is_nan(x), tf.float32)]),
    "reductions": ([(3, 4)], lambda x: [
        tf.reduce_mean(x, 1), tf.reduce_mean(x, [1, 2], keepdims=True), tf.reduce_sum(x, -1), tf.reduce_max(x, 1),
        tf.reduce_min(x, 2, True), tf.reduce_prod(x, 1), tf.argmax(x, -1), tf.argmin(x, 1, tf.int32), tf.cumsum(x, 1),
        tf.cumsum(x, -1, exclusive=True, reverse=True), tf.cast(tf.reduce_any(x > 1, 1), tf.float32),
        tf.cast(tf.reduce_all(x > -1, 1), tf.float32), tf.math.reduce_logsumexp(x, 1)]),
    "shaping": ([(3, 4)], lambda x: [
        tf.reshape(x, [-1, 12]), tf.reshape(x, [-1, 2, 6]), tf.transpose(x, [0, 2, 1]), tf.expand_dims(x, 1),
        tf.squeeze(tf.expand_dims(x, 2), [2]), tf.concat([x, x, 2 * x], -1), tf.stack([x, -x], 1), tf.unstack(x, axis=1)[2],
        tf.split(x, 2, -1)[1], *tf.split(x, [1, -1], 1), tf.tile(x, [1, 2, 3]), tf.gather(x, [2, 0], axis=1),
        tf.gather(x, [[1, 2], [0, 0]], axis=2), tf.reverse(x, [1, -1]), tf.roll(x, [1, 2], [1, 2]), tf.zeros_like(x),
        tf.ones_like(x), tf.identity(x), tf.stop_gradient(x), tf.cast(x, tf.float64), tf.reshape(x, tf.shape(x)),
        tf.reshape(x, [tf.shape(x)[0], 12])]),
    "slices": ([(5, 4, 3)], lambda x: [
        x[:, 1], x[:, 1:4], x[:, ::2, 1:], x[..., -1], x[:, None], x[:, ::-1], x[:, -3:-1, ..., 0], x[:, tf.newaxis, 2, 1:3, ::2],
        tf.slice(x, [0, 1, 0, 2], [-1, 2, 3, 1]), x[:, 3:0:-2], x[..., tf.newaxis]]),
    "padding": ([(3, 4)], lambda x: [
        tf.pad(x, [[0, 0], [1, 2], [0, 1]]), tf.pad(x, [[0, 0], [1, 0], [2, 1]], constant_values=0.5),
        tf.pad(x, [[0, 0], [1, 2], [0, 1]], "REFLECT"), tf.pad(x, [[0, 0], [1, 2], [3, 1]], "SYMMETRIC")]),
    "products": ([(3, 4), (4, 2)], lambda x, y: [
        tf.matmul(x, y), tf.matmul(x, x, transpose_b=True), tf.einsum("bij,bjk->bik", x, y), tf.nn.bias_add(x, numbers(4)),
        tf.matmul(tf.reshape(x, [-1, 12]), numbers(12, 5)), tf.matmul(x, numbers(1, 4, 3) + np.zeros((1, 1, 1), "float32"))]),
    "images": ([(8, 6, 4)], lambda x: [
        tf.nn.conv2d(x, numbers(3, 2, 4, 3), [1, 2, 1, 1], "SAME"), tf.nn.conv2d(x, numbers(3, 2, 4, 3), 1, "VALID", dilations=2),
        tf.nn.depthwise_conv2d(x, numbers(3, 2, 4, 2), [1, 1, 1, 1], "SAME"), tf.nn.max_pool2d(x, 2, 2, "SAME"),
        tf.nn.avg_pool2d(x, [3, 2], 1, "VALID"), tf.nn.depth_to_space(x, 2), tf.nn.space_to_depth(x, 2),
        tf.nn.local_response_normalization(x, 2), tf.image.rgb_to_hsv(x[..., :3]),
        tf.image.extract_patches(x, [1, 3, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
        raw.FusedBatchNormV3(x=x, scale=numbers(4), offset=numbers(4), mean=numbers(4), variance=numbers(4) ** 2,
                             is_training=False).y]),
    "resizing": ([(8, 6, 2)], lambda x: [
        tf.image.resize(x, [5, 9]), tf.image.resize(x, [5, 9], "nearest"), tf.image.resize(x, [5, 9], "bicubic"),
        tf.image.resize(x, [5, 9], "area"), v1.image.resize_bilinear(x, [5, 9]), v1.image.resize_bilinear(x, [5, 9], True),
        v1.image.resize_nearest_neighbor(x, [5, 9]), v1.image.resize_nearest_neighbor(x, [13, 3], True),
        v1.image.resize_bicubic(x, [5, 9], True)]),
    "encoding": ([()], lambda x: [
        tf.one_hot(tf.cast(tf.abs(x), tf.int32), 4), tf.one_hot(tf.cast(tf.abs(x), tf.int32), 3, 2.0, -1.0)]),
}


def wire(tensor, first=""):
    op = tensor.op
    name = first + op.name if op.type == "Placeholder" else "tf_op_layer_" + op.name
    return [name, 0, tensor.value_index, {}]


def op_layer(op, form):
    constants = {str(i): tf.get_static_value(t).tolist() for i, t in enumerate(op.inputs) if is_constant(t)}
    inbound = [wire(t, "dense_" if form == "dense" else "") for t in op.inputs if not is_constant(t)]
    node_def = json_format.MessageToDict(op.node_def)
    if form == "text":
        try:
            node_def = op.node_def.SerializeToString().decode("utf-8")
        except UnicodeDecodeError:
            pass
    return {"class_name": "TensorFlowOpLayer", "name": "tf_op_layer_" + op.name,
            "config": {"name": op.name, "trainable": True, "dtype": "float32", "node_def": node_def, "constants": constants},
            "inbound_nodes": [inbound]}


def is_constant(tensor):
    return tf.get_static_value(tensor) is not None


def dense_layer(placeholder):
    return {"class_name": "Dense", "name": "dense_" + placeholder.op.name, "inbound_nodes": [[wire(placeholder)]],
            "config": {"name": "dense_" + placeholder.op.name, "units": placeholder.shape[-1]}}


def architecture(shapes, function, form):
    with tf.Graph().as_default() as graph:
        inputs = [v1.placeholder(tf.float32, [None, *shape], name=f"x{i}") for i, shape in enumerate(shapes)]
        outputs = function(*inputs)
        layers = [{"class_name": "InputLayer", "name": t.op.name, "inbound_nodes": [], "config": {
            "batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False, "ragged": False, "name": t.op.name}}
            for t, shape in zip(inputs, shapes)]
        layers += [dense_layer(t) for t in inputs if form == "dense"]
        used, open_ops = set(), [t.op for t in outputs]
        while open_ops:
            op = open_ops.pop()
            if op.name not in used and op.type != "Placeholder":
                used.add(op.name)
                open_ops += [t.op for t in op.inputs if not is_constant(t)]
        layers += [op_layer(op, form) for op in graph.get_operations() if op.name in used]
        return json.dumps({"class_name": "Model", "keras_version": "2.3.0-tf", "backend": "tensorflow", "config": {
            "name": "model", "layers": layers, "input_layers": [wire(t)[:3] for t in inputs],
            "output_layers": [wire(t)[:3] for t in outputs]}})


def write(folder, name, shapes, function, form):
    keras.utils.set_random_seed(zlib.crc32(name.encode()))
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    text = architecture(shapes, function, form)
    model = keras.models.model_from_json(text)
    x = [rng.normal(size=(3, *shape)).astype("float32") for shape in shapes]
    y = [t.numpy() for t in tf.nest.flatten(model([tf.constant(a) for a in x]))]
    os.makedirs(folder)
    if form == "dense":
        model.save(os.path.join(folder, "model.h5"))
    else:
        with open(os.path.join(folder, "architecture.json"), "w") as out:
            out.write(text)
    for prefix, arrays in (("x", x), ("y", y)):
        for i, array in enumerate(arrays):
            np.save(os.path.join(folder, f"{prefix}{i}.npy"), array)
    with open(os.path.join(folder, "case.json"), "w") as out:
        json.dump({"keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "opnodes_tf",
                   "case": os.path.basename(folder), "layer_classes": ["InputLayer", "TensorFlowOpLayer"],
                   "inputs": [{"file": f"x{i}.npy", "shape": list(a.shape), "dtype": "float32",
                               "declared_shape": [None, *a.shape[1:]], "declared_dtype": "float32"} for i, a in enumerate(x)],
                   "outputs": [{"file": f"y{i}.npy", "shape": list(a.shape), "dtype": a.dtype.name} for i, a in enumerate(y)],
                   "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {"model.h5": "saved"} if form == "dense" else {"architecture.json": "made"},
                   "note": "written as tf.keras 2.0 to 2.3 did"}, out, indent=1)


def main(out):
    for name, (shapes, function) in CASES.items():
        for form in ("dict", "text", "dense") if name in ("activations", "shaping", "slices") else ("dict", "text"):
            case = f"{name}_{form}_k2"
            try:
                write(os.path.join(out, "opnodes_tf", case), case, shapes, function, form)
            except Exception as error:  # Keras itself cannot: say so and go on
                print(f"{case}: not produced: {type(error).__name__}: {str(error).splitlines()[0][:300]}")


if __name__ == "__main__":
    main(sys.argv[1])
