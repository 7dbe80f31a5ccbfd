"""Small random models with random weights and inputs, the same for the same seed and Keras version."""
import random

import keras
import numpy as np
from keras import layers as L

from layer_table import ATTENTION, KERAS3, MERGES, arguments, random_layer

MAX_ELEMENTS = 4000  # of one batch entry, anywhere in a model


class Refused(Exception):
    """Keras does not take this combination."""


def integers(tensor):
    return "int" in str(tensor.dtype)


def dims_of(tensor):
    return tuple(tensor.shape[1:])


def checked(tensor):
    dims = dims_of(tensor)
    if any(d is None or d == 0 for d in dims) or np.prod(dims, dtype=np.int64) > MAX_ELEMENTS:
        raise Refused("shape " + str(dims))
    return tensor


def taken(layer, tensor):
    # Keras 3 rounds resized integers when a model is called, but not in predict, which golden cases record.
    if isinstance(layer, L.Resizing) and integers(tensor):
        raise Refused("integers to resize")
    return layer


def random_shape(r):
    return r.choice([(r.randint(2, 8),), (r.randint(2, 6), r.randint(1, 5)),
                     (r.randint(4, 9), r.randint(4, 9), r.randint(1, 4)),
                     (r.randint(3, 5), r.randint(3, 5), r.randint(3, 5), r.randint(1, 2))])


class Sources:
    """The inputs of a model and how to fill them."""

    def __init__(self, r):
        self.r = r
        self.inputs = []
        self.highs = []  # above 0 for tokens: their number

    def add(self):
        if self.r.random() < 0.2:
            return self.tokens()
        self.inputs.append(L.Input(random_shape(self.r)))
        self.highs.append(0)
        return self.inputs[-1]

    def tokens(self):
        high = self.r.randint(4, 12)
        self.inputs.append(L.Input((self.r.randint(2, 6),), dtype="int32"))
        self.highs.append(high)
        # Implicit masks are operations in Keras 3, which its own h5 reader does not take; ours must.
        return L.Embedding(high, self.r.randint(1, 5), mask_zero=self.r.random() < 0.4)(self.inputs[-1])

    def arrays(self, rng, batch):
        out = []
        for tensor, high in zip(self.inputs, self.highs):
            shape = (batch, *dims_of(tensor))
            values = rng.integers(0, high, shape) if high else rng.normal(size=shape)
            if not high and len(shape) == 3 and rng.random() < 0.3:
                values[:, -1] = 0  # a step for Masking
            out.append(values.astype("int32" if high else "float32"))
        return out


def stack(r, shape, depth):
    """A nested Sequential."""
    model = keras.Sequential([L.Input(shape)])
    for _ in range(depth):
        model.add(taken(random_layer(r, shape), model.outputs[0]))
        shape = dims_of(checked(model.outputs[0]))
    return model


def merged(r, tensor, others):
    alike = [other for other in others if dims_of(other) == dims_of(tensor)] or [tensor]
    other = r.choice(alike)
    if len(dims_of(tensor)) == 2 and r.random() < 0.3:
        name = r.choice(list(ATTENTION))
        return getattr(L, name)(**arguments(ATTENTION[name], r))([tensor, other])
    if len(dims_of(tensor)) in (2, 3) and r.random() < 0.15:
        # With key_dim 1, `add` of Keras 3's TensorFlow backend takes (heads, 1) for a bias of channels_first if there
        # are as many steps as heads; other backends do not.
        attention = L.MultiHeadAttention(r.randint(1, 3), r.randint(2, 4), value_dim=r.choice([None, 2]),
                                         use_bias=r.random() < 0.7)
        return attention(tensor, other, use_causal_mask=len(dims_of(tensor)) == 2 and r.random() < 0.3)
    if KERAS3 and len(dims_of(tensor)) == 2 and r.random() < 0.15:
        heads = r.randint(1, 2)
        attention = L.GroupQueryAttention(r.randint(2, 4), heads * r.randint(1, 2), heads, use_bias=r.random() < 0.7)
        return attention(tensor, other, use_causal_mask=r.random() < 0.3)
    name = r.choice(list(MERGES))
    return getattr(L, name)(**arguments(MERGES[name], r))([tensor, other])


def encoder_decoder(r, tensor):
    """One recurrent layer that begins where another ended."""
    name = r.choice(["SimpleRNN", "LSTM", "GRU"])
    units = r.randint(1, 4)
    _, *states = getattr(L, name)(units, return_state=True, go_backwards=r.random() < 0.3)(tensor)
    return getattr(L, name)(units, return_sequences=True)(tensor, initial_state=states)


def arithmetic(r, tensor):
    constant = round(r.uniform(-2, 2), 2)
    return r.choice([lambda: tensor + constant, lambda: constant - tensor, lambda: tensor * constant,
                     lambda: -tensor, lambda: tensor / 2.5, lambda: abs(tensor), lambda: tensor[:, :1],
                     lambda: tensor * tensor])()


def step(r, tensor, tensors, layers):
    draw = r.random()
    if draw < 0.15:
        return merged(r, tensor, tensors)
    if draw < 0.22:
        return stack(r, dims_of(tensor), r.randint(1, 2))(tensor)
    if draw < 0.28:
        return arithmetic(r, tensor)
    if draw < 0.32 and len(dims_of(tensor)) == 2:
        return encoder_decoder(r, tensor)
    if draw < 0.38 and layers:
        layer, dims = r.choice(layers)
        if dims != dims_of(tensor):
            raise Refused("a shared layer is for one shape")
        return layer(tensor)
    layer = taken(random_layer(r, dims_of(tensor)), tensor)
    layers.append((layer, dims_of(tensor)))
    return layer(tensor)


def graph(r):
    """A Functional model and its Sources."""
    sources = Sources(r)
    tensors = [sources.add() for _ in range(r.choice([1, 1, 1, 2, 3]))]
    layers = []
    wanted = r.randint(2, 7)
    for _ in range(wanted * 4):
        if len(tensors) >= wanted + len(sources.inputs):
            break
        try:
            tensors.append(checked(step(r, r.choice(tensors[-3:]), tensors, layers)))
        except Refused:
            continue
    outputs = list({id(t): t for t in [tensors[-1], r.choice(tensors[len(sources.inputs):] or tensors)]}.values())
    needed = ancestors(outputs)
    used = [i for i, tensor in enumerate(sources.inputs) if id(tensor) in needed]
    sources.inputs = [sources.inputs[i] for i in used]
    sources.highs = [sources.highs[i] for i in used]
    return keras.Model(sources.inputs, outputs, name=f"random_{r.randint(0, 999)}"), sources


def parents(tensor):
    history = tensor._keras_history
    producer = history.operation if KERAS3 else history.layer
    node = producer._inbound_nodes[history.node_index]
    return node.input_tensors if KERAS3 else node.keras_inputs


def ancestors(tensors):
    """Identities of all tensors that these are computed from, themselves included."""
    found, left = set(), list(tensors)
    while left:
        tensor = left.pop()
        if id(tensor) not in found:
            found.add(id(tensor))
            left.extend(parents(tensor))
    return found


def sequential(r):
    sources = Sources(r)
    shape = random_shape(r)
    model = stack(r, shape, r.randint(1, 5))
    sources.inputs, sources.highs = list(model.inputs), [0]
    return model, sources


def randomize(model, rng):
    """Weights that hide nothing: biases that are not zero, statistics that are not neutral."""
    values = []
    for weight in model.weights:
        name = (weight.path if KERAS3 else weight.name).split("/")[-1]
        draw = rng.normal(scale=0.4, size=tuple(weight.shape))
        if "variance" in name or "gamma" in name:
            draw = np.abs(draw) + 0.5
        if not np.issubdtype(np.dtype(getattr(weight.dtype, "name", weight.dtype)), np.floating):
            draw = np.zeros(tuple(weight.shape))
        values.append(draw.astype(getattr(weight.dtype, "name", weight.dtype)))
    model.set_weights(values)


def build(seed, floatx="float32"):
    """(model, input arrays, output arrays) of that seed; Refused if Keras does not take what was drawn."""
    keras.backend.set_floatx(floatx)
    r = random.Random(seed)
    rng = np.random.default_rng(seed)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    try:
        model, sources = (sequential if r.random() < 0.35 else graph)(r)
        randomize(model, rng)
        inputs = sources.arrays(rng, r.randint(1, 3))
        outputs = model([keras.ops.convert_to_tensor(x) if KERAS3 else x for x in inputs], training=False)
    except Refused:
        raise
    except Exception as refusal:  # every backend has its own
        raise Refused(f"{type(refusal).__name__}: {str(refusal)[:200]}") from refusal
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return model, inputs, [np.asarray(y) for y in outputs]
