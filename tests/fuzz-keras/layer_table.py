"""What random models are made of: every layer with the values its options may take.

A maker gets a random.Random and returns an argument. Combinations Keras itself refuses are thrown away by the caller,
so that the table need not know which strides go with which dilations.
"""
import keras
import numpy as np
from keras import layers as L

KERAS3 = keras.__version__.startswith("3")


def one_of(*values):
    return lambda r: r.choice(values)


def integer(low, high):
    return lambda r: r.randint(low, high)


def number(low, high):
    return lambda r: round(r.uniform(low, high), 3)


def several(count, maker):
    return lambda r: tuple(maker(r) for _ in range(count))


def one_or_several(count, low, high):
    return lambda r: r.randint(low, high) if r.random() < 0.5 else tuple(r.randint(low, high) for _ in range(count))


def sometimes(maker, otherwise=None, chance=0.3):
    return lambda r: maker(r) if r.random() < chance else otherwise


flag = one_of(True, False)

ACTIVATIONS = ["linear", "relu", "relu6", "sigmoid", "tanh", "exponential", "hard_sigmoid", "softmax", "softplus",
               "softsign", "elu", "selu", "gelu", "swish", "mish", "leaky_relu", "log_softmax"]
if KERAS3:
    ACTIVATIONS += ["silu", "celu", "hard_silu", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink",
                    "squareplus", "sparse_plus", "sparse_sigmoid", "log_sigmoid", "sparsemax"]
ELEMENTWISE = [name for name in ACTIVATIONS if name not in ("softmax", "log_softmax", "sparsemax")]
activation = one_of(None, *ACTIVATIONS)
elementwise = one_of(*ELEMENTWISE)
data_format = sometimes(one_of("channels_first"), "channels_last", 0.15)

FLOATS = (1, 2, 3, 4)  # ranks without the batch axis


def conv(rank, **more):
    return dict(filters=one_of(2, 3, 4, 6), kernel_size=one_or_several(rank, 1, 3), strides=one_or_several(rank, 1, 2),
                padding=one_of("valid", "same"), use_bias=flag, activation=activation, **more)


def pool(rank):
    return dict(pool_size=one_or_several(rank, 1, 3), strides=sometimes(one_or_several(rank, 1, 3)),
                padding=one_of("valid", "same"), data_format=data_format)


def separable(rank):
    return dict(filters=integer(1, 5), kernel_size=one_or_several(rank, 1, 3), strides=integer(1, 2),
                padding=one_of("valid", "same"), depth_multiplier=integer(1, 2), dilation_rate=integer(1, 2),
                use_bias=flag, activation=activation)


def depthwise(rank):
    return {name: maker for name, maker in separable(rank).items() if name != "filters"}


def recurrent(**more):
    return dict(units=integer(1, 5), activation=elementwise, use_bias=flag, return_sequences=flag, go_backwards=flag,
                unroll=sometimes(one_of(True), False, 0.15), **more)


gated = dict(recurrent_activation=elementwise)


def margins(rank):
    pair = one_or_several(2, 0, 2)
    return lambda r: r.randint(0, 2) if r.random() < 0.3 else tuple(
        (r.randint(0, 2), r.randint(0, 2)) for _ in range(rank)) if rank > 1 else (r.randint(0, 2), r.randint(0, 2))


# class name -> (ranks it takes, options)
TABLE = {
    "Dense": (FLOATS, dict(units=integer(1, 6), activation=activation, use_bias=flag)),
    "Activation": (FLOATS, dict(activation=one_of(*ACTIVATIONS))),
    "ReLU": (FLOATS, dict(max_value=sometimes(number(0.5, 2)), negative_slope=sometimes(number(0, 0.5), 0.0),
                          threshold=sometimes(number(0, 0.5), 0.0))),
    "LeakyReLU": (FLOATS, {"negative_slope" if KERAS3 else "alpha": number(0.01, 0.6)}),
    "ELU": (FLOATS, dict(alpha=number(0.2, 2))),
    "PReLU": (FLOATS, dict(shared_axes=sometimes(one_of([1])))),
    "Softmax": (FLOATS, dict(axis=one_of(-1, 1))),
    "BatchNormalization": (FLOATS, dict(axis=one_of(-1, 1), center=flag, scale=flag, epsilon=one_of(1e-3, 1e-5))),
    "LayerNormalization": (FLOATS, dict(axis=one_of(-1, 1, [1, -1]), center=flag, scale=flag, epsilon=one_of(1e-3, 1e-5))),
    "UnitNormalization": (FLOATS, dict(axis=one_of(-1, 1))),
    "GroupNormalization": ((2, 3, 4), dict(groups=one_of(1, 2, -1), center=flag, scale=flag)),
    "Flatten": (FLOATS, {}),
    "Dropout": (FLOATS, dict(rate=number(0, 0.5))),
    "GaussianNoise": (FLOATS, dict(stddev=number(0, 0.5))),
    "GaussianDropout": (FLOATS, dict(rate=number(0, 0.5))),
    "AlphaDropout": (FLOATS, dict(rate=number(0, 0.5))),
    "ActivityRegularization": (FLOATS, dict(l1=number(0, 0.1))),
    "Rescaling": (FLOATS, dict(scale=number(-2, 2), offset=number(-1, 1))),
    "Normalization": (FLOATS, dict(axis=one_of(-1), mean=number(-1, 1), variance=number(0.2, 3), invert=flag)),
    # no 1.0, at which the product of a normalized vector with itself lies, on one side or the other by its last bit
    "Discretization": (FLOATS, dict(bin_boundaries=one_of([-0.5, 0.25, 0.9], [0.0]))),
    "RepeatVector": ((1,), dict(n=integer(1, 4))),
    "Masking": ((2,), dict(mask_value=one_of(0.0, 1.0))),
    "SpatialDropout1D": ((2,), dict(rate=number(0, 0.5))),
    "Conv1D": ((2,), conv(1, dilation_rate=integer(1, 2), groups=integer(1, 2))
               | dict(padding=one_of("valid", "same", "causal"))),
    "Conv2D": ((3,), conv(2, dilation_rate=integer(1, 2), groups=integer(1, 2))),
    "Conv3D": ((4,), conv(3)),
    "Conv1DTranspose": ((2,), conv(1)),
    "Conv2DTranspose": ((3,), conv(2)),
    "Conv3DTranspose": ((4,), conv(3)),
    "SeparableConv1D": ((2,), separable(1) | dict(padding=one_of("valid", "same", "causal"))),
    "SeparableConv2D": ((3,), separable(2)),
    "DepthwiseConv1D": ((2,), depthwise(1)),
    "DepthwiseConv2D": ((3,), depthwise(2)),
    "MaxPooling1D": ((2,), pool(1)),
    "MaxPooling2D": ((3,), pool(2)),
    "MaxPooling3D": ((4,), pool(3)),
    "AveragePooling1D": ((2,), pool(1)),
    "AveragePooling2D": ((3,), pool(2)),
    "AveragePooling3D": ((4,), pool(3)),
    **{f"Global{kind}Pooling{rank}D": ((rank + 1,), dict(keepdims=flag, data_format=data_format))
       for kind in ("Max", "Average") for rank in (1, 2, 3)},
    "ZeroPadding1D": ((2,), dict(padding=margins(1))),
    "ZeroPadding2D": ((3,), dict(padding=margins(2), data_format=data_format)),
    "ZeroPadding3D": ((4,), dict(padding=margins(3), data_format=data_format)),
    "Cropping1D": ((2,), dict(cropping=margins(1))),
    "Cropping2D": ((3,), dict(cropping=margins(2), data_format=data_format)),
    "Cropping3D": ((4,), dict(cropping=margins(3), data_format=data_format)),
    "UpSampling1D": ((2,), dict(size=integer(1, 3))),
    "UpSampling2D": ((3,), dict(size=one_or_several(2, 1, 3), interpolation=one_of("nearest", "bilinear", "bicubic"),
                                data_format=data_format)),
    "UpSampling3D": ((4,), dict(size=one_or_several(3, 1, 2), data_format=data_format)),
    "Resizing": ((3,), dict(height=integer(2, 9), width=integer(2, 9),
                            interpolation=one_of("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5",
                                                 "gaussian", "mitchellcubic"), crop_to_aspect_ratio=flag)),
    "CenterCrop": ((3,), dict(height=integer(1, 8), width=integer(1, 8))),
    "SimpleRNN": ((2,), recurrent()),
    "LSTM": ((2,), recurrent(unit_forget_bias=flag, **gated)),
    "GRU": ((2,), recurrent(reset_after=flag, **gated)),
    "ConvLSTM1D": ((3,), dict(filters=integer(1, 3), kernel_size=integer(1, 3), strides=integer(1, 2),
                              padding=one_of("valid", "same"), activation=elementwise, return_sequences=flag,
                              go_backwards=flag, use_bias=flag)),
    "ConvLSTM2D": ((4,), dict(filters=integer(1, 3), kernel_size=one_or_several(2, 1, 3), strides=integer(1, 2),
                              padding=one_of("valid", "same"), activation=elementwise, return_sequences=flag,
                              use_bias=flag)),
}
if KERAS3:
    TABLE["RMSNormalization"] = (FLOATS, dict(epsilon=one_of(1e-6, 1e-3)))
    TABLE["SpectralNormalization"] = ((3,), dict(layer=lambda r: L.Conv2D(r.randint(1, 3), 2), power_iterations=integer(1, 2)))
else:
    TABLE["ThresholdedReLU"] = (FLOATS, dict(theta=number(0, 1)))
    TABLE["LocallyConnected1D"] = ((2,), dict(filters=integer(1, 4), kernel_size=integer(1, 3), strides=integer(1, 2),
                                              implementation=integer(1, 3), use_bias=flag, activation=activation))
    TABLE["LocallyConnected2D"] = ((3,), dict(filters=integer(1, 4), kernel_size=one_or_several(2, 1, 3),
                                              implementation=integer(1, 3), use_bias=flag, activation=activation))
    for name in ("SimpleRNN", "LSTM", "GRU"):
        TABLE[name][1]["implementation"] = integer(1, 2)

MERGES = {"Add": {}, "Subtract": {}, "Multiply": {}, "Average": {}, "Maximum": {}, "Minimum": {},
          "Concatenate": dict(axis=one_of(-1, 1)), "Dot": dict(axes=one_of(-1, 1), normalize=flag)}
ATTENTION = {"Attention": dict(use_scale=flag, score_mode=one_of("dot", "concat")),
             "AdditiveAttention": dict(use_scale=flag)}


def arguments(options, r):
    return {name: maker(r) for name, maker in options.items()}


def reshape(r, shape):
    size = int(np.prod(shape))
    factors = [n for n in range(1, size + 1) if size % n == 0]
    first = r.choice(factors)
    return L.Reshape(r.choice([(first, size // first), (size,), (first, -1), (1, size // first, first)]))


def permute(r, shape):
    return L.Permute(tuple(r.sample(range(1, len(shape) + 1), len(shape))))


def einsum_dense(r, shape):
    letters = "bcde"[:len(shape)]
    return L.EinsumDense(f"a{letters},{letters[-1]}z->a{letters[:-1]}z", output_shape=[None] * (len(shape) - 1) + [3],
                         bias_axes=r.choice([None, "z"]), activation=activation(r))


def time_distributed(r, shape):
    return L.TimeDistributed(plain_layer(r, shape[1:]))


def bidirectional(r, shape):
    name = r.choice(["SimpleRNN", "LSTM", "GRU"])
    return L.Bidirectional(getattr(L, name)(**arguments(TABLE[name][1], r)),
                           merge_mode=r.choice(["concat", "sum", "mul", "ave"]))


def rnn_of_cells(r, shape):
    cells = [getattr(L, r.choice(["SimpleRNNCell", "LSTMCell", "GRUCell"]))(r.randint(1, 4)) for _ in range(r.randint(1, 3))]
    return L.RNN(cells if len(cells) > 1 else cells[0], return_sequences=flag(r), go_backwards=flag(r))


SPECIAL = [(FLOATS, reshape), (FLOATS, permute), (FLOATS, einsum_dense), ((2, 3, 4), time_distributed),
           ((2,), bidirectional), ((2,), rnn_of_cells)]


def plain_layer(r, shape):
    name = r.choice([name for name, (ranks, _) in TABLE.items() if len(shape) in ranks])
    dtype = {"dtype": "float64"} if r.random() < 0.04 else {}
    return getattr(L, name)(**arguments(TABLE[name][1], r), **dtype)


def random_layer(r, shape):
    """A layer for an input of that shape (without the batch axis), which Keras may still refuse."""
    special = [maker for ranks, maker in SPECIAL if len(shape) in ranks]
    if special and r.random() < 0.2:
        return r.choice(special)(r, shape)
    return plain_layer(r, shape)
