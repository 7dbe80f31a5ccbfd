#!/usr/bin/env python3
"""Write the cases keras1_* of the group `legacy`: files that Keras 1.2.2 itself has saved, and what it computes.

    python make_golden_keras1.py OUT_DIR KERAS_1_SOURCES

Run by the Python of TensorFlow 2.15; KERAS_1_SOURCES is the folder that holds the package `keras` of Keras 1.2.2, which
runs on the TensorFlow 1 interface that TensorFlow 2 still has. Cases end in _k1.
"""
import json
import os
import sys
import zlib

import keras_on_tf1

tensorflow = keras_on_tf1.install(sys.argv[2])
import numpy as np
import h5py
import keras
from keras import backend as K
from keras import layers as L
from keras.layers.advanced_activations import ELU, LeakyReLU, ParametricSoftplus, PReLU, SReLU, ThresholdedReLU
from keras.models import Model, Sequential
from keras.regularizers import activity_l2, l1l2

assert keras.__version__ == "1.2.2", keras.__version__


def random_weights(model, rng):
    values = []
    layers = model.flattened_layers if hasattr(model, "flattened_layers") else model.layers
    for layer in layers:
        names = [w.name for w in layer.weights]
        values = []
        for name, value in zip(names, layer.get_weights()):
            if "running_std" in name:
                values.append(rng.uniform(0.5, 1.5, value.shape).astype("float32"))
            else:
                values.append((value + 0.3 * rng.normal(size=value.shape)).astype("float32"))
        layer.set_weights(values)


def inputs_of(model, rng, high, batch):
    arrays = []
    for tensor in model.inputs:
        shape = [batch if d is None else d for d in K.int_shape(tensor)]
        if "int" in K.dtype(tensor):
            arrays.append(rng.randint(0, high, shape).astype("int32"))
        else:
            arrays.append(rng.normal(size=shape).astype("float32"))
    return arrays


def classes(model):
    found = set()
    for layer in getattr(model, "flattened_layers", model.layers):
        found.add(type(layer).__name__)
        if hasattr(layer, "layer"):
            found.add(type(layer.layer).__name__)
        if hasattr(layer, "layers") and not isinstance(layer, L.Merge):
            found.update(classes(layer))
    return found


def write(out, name, build, high=5, batch=2, order="tf", masked=False, after=None, twice=False):
    full = "keras1_%s_k1" % name
    folder = os.path.join(out, "legacy", full)
    if os.path.exists(folder):  # begun before
        return
    seed = zlib.crc32(full.encode()) % 2 ** 31
    rng = np.random.RandomState(seed)
    K.clear_session()
    K.set_image_dim_ordering(order)
    model = build()
    random_weights(model, rng)
    x = inputs_of(model, rng, high, batch)
    if masked:
        for array in x:
            array[0, 3:] = 0
            array[1, 1] = 0
    data = x if len(x) > 1 else x[0]
    y = model.predict(data, batch_size=batch)
    again = model.predict(data, batch_size=batch) if twice else None
    os.makedirs(folder)
    model.save(os.path.join(folder, "model.h5"))
    if seed % 3 == 0:
        with open(os.path.join(folder, "model.json"), "w") as file:
            file.write(model.to_json())
        model.save_weights(os.path.join(folder, "legacy_weights.h5"))
    if after:
        after(os.path.join(folder, "model.h5"))
    y = y if isinstance(y, list) else [y]
    facts = {"keras_version": keras.__version__, "tensorflow_version": tensorflow.__version__, "group": "legacy",
             "case": full, "seed": seed, "layer_classes": sorted(classes(model)), "inputs": [], "outputs": [],
             "atol": 2e-5, "rtol": 1e-4, "computed_by": "keras", "files": {"model.h5": "saved"}, "note": ""}
    for i, array in enumerate(x):
        np.save(os.path.join(folder, "x%d.npy" % i), array)
        facts["inputs"].append({"file": "x%d.npy" % i, "shape": list(array.shape), "dtype": str(array.dtype),
                                "declared_shape": list(K.int_shape(model.inputs[i]))})
    for i, array in enumerate(y):
        np.save(os.path.join(folder, "y%d.npy" % i), array)
        facts["outputs"].append({"file": "y%d.npy" % i, "shape": list(array.shape), "dtype": str(array.dtype)})
    if twice:
        facts["stateful"] = True
        np.save(os.path.join(folder, "y0_call2.npy"), again)
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(facts, file, indent=1)


def stack(*layers):
    return lambda: Sequential([make() for make in layers])


def images(order):
    """Shapes of images and of videos."""
    return ((2, 8, 9), (2, 5, 6, 7)) if order == "th" else ((8, 9, 2), (5, 6, 7, 2))


def convolutions(out):
    for order in ("tf", "th"):
        image, video = images(order)
        axis = 1 if order == "th" else -1

        def o(name, *layers):
            write(out, "%s_%s" % (name, order), stack(*layers), order=order)
        o("cnn", lambda: L.Convolution2D(4, 3, 2, input_shape=image, activation="relu", W_regularizer=l1l2(0.1, 0.2)),
          lambda: L.MaxPooling2D((2, 2), strides=(1, 2), border_mode="same"), lambda: L.BatchNormalization(axis=axis),
          lambda: L.ZeroPadding2D((1, 2)), lambda: L.Convolution2D(3, 3, 3, border_mode="same", subsample=(2, 2), bias=False),
          lambda: L.Activation("tanh"), lambda: L.AveragePooling2D(), lambda: L.Flatten(), lambda: L.Dense(3, activation="softmax"))
        o("square_kernel", lambda: L.Convolution2D(3, 3, 3, input_shape=(3, 6, 6) if order == "th" else (6, 6, 3)), lambda: L.Flatten())
        o("margins", lambda: L.ZeroPadding2D((1, 2, 3, 0), input_shape=image), lambda: L.Cropping2D(((1, 0), (0, 2))),
          lambda: L.UpSampling2D((2, 3)), lambda: L.SpatialDropout2D(0.2), lambda: L.Convolution2D(2, 2, 2))
        o("padding_dict", lambda: L.ZeroPadding2D({"top_pad": 1, "left_pad": 2}, input_shape=image), lambda: L.Convolution2D(2, 2, 2))
        o("global", lambda: L.Convolution2D(3, 2, 2, input_shape=image), lambda: L.GlobalAveragePooling2D())
        o("global_max", lambda: L.Convolution2D(3, 2, 2, input_shape=image), lambda: L.GlobalMaxPooling2D())
        o("atrous2d", lambda: L.AtrousConvolution2D(3, 2, 3, atrous_rate=(2, 2), input_shape=image))
        o("separable2d", lambda: L.SeparableConvolution2D(3, 2, 3, depth_multiplier=2, input_shape=image, border_mode="same"))
        o("conv3d", lambda: L.Convolution3D(3, 2, 3, 2, input_shape=video, activation="relu"), lambda: L.MaxPooling3D((2, 1, 2)),
          lambda: L.ZeroPadding3D((1, 0, 1)), lambda: L.UpSampling3D((1, 2, 1)), lambda: L.Cropping3D(((0, 1), (1, 0), (0, 0))),
          lambda: L.AveragePooling3D((2, 2, 1), border_mode="same"), lambda: L.GlobalMaxPooling3D(), lambda: L.Dense(2))
        o("local2d", lambda: L.LocallyConnected2D(3, 2, 3, input_shape=image, activation="tanh"))
        o("convlstm2d", lambda: L.ConvLSTM2D(3, 2, 3, input_shape=(4,) + image, border_mode="same", return_sequences=True),
          lambda: L.ConvLSTM2D(2, 3, 3, border_mode="same", go_backwards=True))
        o("time_distributed", lambda: L.TimeDistributed(L.Convolution2D(3, 3, 2), input_shape=(4,) + image),
          lambda: L.TimeDistributed(L.Flatten()), lambda: L.LSTM(3))

        def channels_last(shape):
            return (None, shape[2], shape[0], shape[1]) if order == "th" else (None,) + shape
        for name, size, mode in (("valid", (17, 19, 3), "valid"), ("valid_short", (18, 20, 3), "valid"),
                                 ("same", (16, 18, 3), "same"), ("same_short", (15, 17, 3), "same")):
            o("deconv2d_" + name, lambda: L.Deconvolution2D(3, 3, 3, output_shape=channels_last(size), input_shape=image,
                                                            border_mode=mode, subsample=(2, 2)))


def sequences(out):
    def o(name, *layers, **kw):
        write(out, name, stack(*layers), **kw)
    o("conv1d", lambda: L.Convolution1D(4, 3, input_shape=(9, 3), border_mode="same", activation="relu"),
      lambda: L.MaxPooling1D(2, stride=3, border_mode="same"), lambda: L.ZeroPadding1D(1), lambda: L.UpSampling1D(2),
      lambda: L.Cropping1D((1, 0)), lambda: L.Convolution1D(2, 2, subsample_length=2, bias=False), lambda: L.AveragePooling1D(),
      lambda: L.GlobalMaxPooling1D(), lambda: L.Dense(2))
    o("conv1d_global_average", lambda: L.Convolution1D(4, 3, input_dim=3, input_length=9), lambda: L.GlobalAveragePooling1D())
    o("padding1d", lambda: L.ZeroPadding1D({"left_pad": 1, "right_pad": 2}, input_shape=(5, 3)), lambda: L.Convolution1D(2, 2))
    o("conv1d_first_layout", lambda: L.Convolution1D(4, 3, input_shape=(9, 3)), after=older_conv1d)
    o("atrous1d", lambda: L.AtrousConvolution1D(4, 3, atrous_rate=2, input_shape=(9, 3)))
    o("local1d", lambda: L.LocallyConnected1D(4, 3, subsample_length=2, input_shape=(9, 3)))
    for kind in ("SimpleRNN", "GRU", "LSTM"):
        make, low = getattr(L, kind), kind.lower()
        for way in ("cpu", "mem", "gpu"):
            o("%s_%s" % (low, way), lambda: make(4, consume_less=way, input_shape=(6, 3), return_sequences=True), lambda: make(3, consume_less=way))
        o("%s_masked" % low, lambda: L.Masking(input_shape=(6, 3)), lambda: make(4, return_sequences=True, activation="relu"),
          lambda: make(3, go_backwards=True), masked=True)
        o("%s_words" % low, lambda: L.Embedding(9, 3, mask_zero=True, input_length=6, dropout=0.1), lambda: make(4), high=9)
        o("%s_stateful" % low, lambda: make(4, stateful=True, batch_input_shape=(2, 6, 3)), lambda: L.Dense(2), twice=True)
        for mode in ("concat", "sum", "mul", "ave"):
            o("bidirectional_%s_%s" % (low, mode), lambda: L.Bidirectional(make(4, return_sequences=True), merge_mode=mode, input_shape=(6, 3)),
              lambda: L.Bidirectional(make(3)))
    o("lstm_activations", lambda: L.LSTM(4, inner_activation="sigmoid", activation="softsign", forget_bias_init="zero", inner_init="glorot_normal",
                                         U_regularizer=l1l2(0.1), dropout_W=0.2, dropout_U=0.2, input_shape=(6, 3)))
    o("time_distributed_dense", lambda: L.TimeDistributedDense(4, activation="relu", input_shape=(6, 3)), lambda: L.TimeDistributed(L.Dense(2)))
    o("repeat", lambda: L.Dense(4, input_dim=3), lambda: L.RepeatVector(3), lambda: L.Permute((2, 1)), lambda: L.Reshape((6, 2)), lambda: L.GRU(2))


def older_conv1d(path):
    """As Keras 1.0 and 1.1 stored it: (filters, channels, length, 1)."""
    with h5py.File(path, "r+") as file:
        layer = [g for g in file["model_weights"].values() if g.attrs["weight_names"].size][0]
        name = layer.attrs["weight_names"][0]
        name = name.decode() if isinstance(name, bytes) else name
        kernel = layer[name][()]
        del layer[name]
        layer[name] = kernel.transpose(3, 2, 0, 1)


def others(out):
    def o(name, *layers, **kw):
        write(out, name, stack(*layers), **kw)
    from keras.constraints import maxnorm, nonneg, unitnorm
    o("mlp", lambda: L.Dense(5, input_dim=6, activation="relu", init="he_normal", W_constraint=maxnorm(2), b_constraint=nonneg()),
      lambda: L.Dropout(0.5), lambda: L.GaussianNoise(0.1), lambda: L.GaussianDropout(0.1),
      lambda: L.Dense(4, bias=False, W_constraint=unitnorm(), activity_regularizer=activity_l2(0.1)), lambda: L.BatchNormalization(),
      lambda: L.ActivityRegularization(0.1), lambda: L.Dense(3, activation="hard_sigmoid"))
    o("embedding", lambda: L.Embedding(9, 3, input_length=6), lambda: L.Flatten(), lambda: L.Dense(2), high=9)
    o("activations", lambda: L.Dense(5, input_dim=6), lambda: LeakyReLU(0.2), lambda: L.Dense(5), lambda: PReLU(), lambda: L.Dense(5), lambda: ELU(0.7),
      lambda: L.Dense(5), lambda: ThresholdedReLU(0.1), lambda: L.Dense(5))
    o("parametric_softplus", lambda: L.Dense(5, input_dim=6), lambda: ParametricSoftplus())
    o("srelu", lambda: L.Dense(5, input_dim=6), lambda: SReLU())
    o("highway", lambda: L.Highway(input_dim=6, activation="tanh"), lambda: L.Highway(bias=False))
    o("maxout", lambda: L.MaxoutDense(5, nb_feature=3, input_dim=6), lambda: L.MaxoutDense(2, bias=False))
    for mode in ("sum", "mul", "ave", "max", "concat", "dot"):
        def functional():
            a, b = L.Input((4,)), L.Input((5,))
            return Model([a, b], L.Dense(2)(L.merge([L.Dense(3)(a), L.Dense(3)(b)], mode=mode)))
        write(out, "merge_" + mode, functional)

        def sequential():
            left = Sequential([L.Dense(3, input_dim=4)])
            right = Sequential([L.Dense(6, input_dim=5, activation="relu"), L.Dense(3)])
            return Sequential([L.Merge([left, right], mode=mode), L.Dense(2)])
        write(out, "merge_sequential_" + mode, sequential)

    def axes():
        a, b = L.Input((4, 3)), L.Input((5, 3))
        return Model([a, b], L.merge([a, b], mode="dot", dot_axes=(2, 2)))

    def concat_axis():
        a, b = L.Input((4, 3)), L.Input((5, 3))
        return Model([a, b], L.LSTM(2)(L.merge([L.Masking()(a), L.Masking()(b)], mode="concat", concat_axis=1)))

    def merged_twice():
        one = Sequential([L.Merge([Sequential([L.Dense(3, input_dim=4)]), Sequential([L.Dense(3, input_dim=5)])], mode="sum"), L.Dense(4)])
        x = L.Input((6,))
        two = Model(x, L.Dense(4, activation="relu")(x))
        return Sequential([L.Merge([one, two], mode="concat"), L.Dense(2)])

    def nested():
        x = L.Input((6,))
        inner = Model(x, L.BatchNormalization()(L.Dense(4)(x)))
        a, b = L.Input((6,)), L.Input((6,))
        return Model([a, b], L.Dense(2)(L.merge([inner(a), inner(b)], mode="sum")))

    def nested_sequential():
        inner = Sequential([L.LSTM(4, input_shape=(5, 3)), L.Dense(2)])
        x = L.Input((5, 3))
        return Model(x, L.Dense(3)(inner(x)))

    def shared():
        a, b = L.Input((5, 3)), L.Input((5, 3))
        lstm = L.LSTM(4)
        return Model([a, b], [L.Dense(2)(L.merge([lstm(a), lstm(b)], mode="concat")), L.Dense(1)(lstm(a))])

    def frozen():
        model = Sequential([L.Dense(4, input_dim=3), L.BatchNormalization(), L.Dense(2)])
        model.layers[0].trainable = model.layers[1].trainable = False
        return model
    for build in (axes, concat_axis, merged_twice, nested, nested_sequential, shared, frozen):
        write(out, build.__name__, build)


if __name__ == "__main__":
    original = write

    def write(out, name, *args, **kw):  # Keras itself cannot: say so and go on
        try:
            original(out, name, *args, **kw)
        except Exception as error:
            print("keras1_%s_k1: not produced: %s: %s" % (name, type(error).__name__, str(error).splitlines()[0][:160]))
    convolutions(sys.argv[1])
    sequences(sys.argv[1])
    others(sys.argv[1])
