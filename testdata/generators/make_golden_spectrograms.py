#!/usr/bin/env python3
"""Write the group `spectrograms`: MelSpectrogram and STFTSpectrogram with their options.

    python make_golden_spectrograms.py OUT_DIR        (Keras 3; scipy must be installed)
"""
import json
import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

VERSION = "315" if keras.__version__.startswith("3.15") else "3"


def sound(*shape):
    return np.random.RandomState(3).normal(size=shape).astype("float32")


def mel_cases():
    small = dict(fft_length=64, sequence_stride=32, sampling_rate=1000, num_mel_bins=8)
    yield "mel_default", sound(2, 4000), L.MelSpectrogram()
    yield "mel_announced_wrongly", sound(2, 255), L.MelSpectrogram(**small)
    yield "mel_short_sequence", sound(2, 200), L.MelSpectrogram(**small, sequence_length=37, window="hamming")
    yield "mel_odd", sound(2, 200), L.MelSpectrogram(fft_length=63, sequence_stride=20, sampling_rate=1000, num_mel_bins=5)
    yield "mel_no_window", sound(1, 128), L.MelSpectrogram(**small, window=None)
    yield "mel_power", sound(2, 128), L.MelSpectrogram(**small, power_to_db=False, mag_exp=1.0)
    yield "mel_frequencies", sound(2, 128), L.MelSpectrogram(**small, min_freq=100.0, max_freq=300.0)
    quiet = sound(1, 256) * np.linspace(1e-6, 1, 256, dtype="float32")
    yield "mel_cut_off", quiet, L.MelSpectrogram(**small, top_db=30.0, ref_power=4.0, min_power=1e-5)
    yield "mel_mixed", sound(2, 128), L.MelSpectrogram(**small, dtype="mixed_bfloat16")


def stft_cases():
    small = dict(frame_length=24, frame_step=7)
    for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
        yield f"stft_{mode}", sound(2, 90, 2), L.STFTSpectrogram(mode=mode, **small)
        yield f"stft_{mode}_expanded", sound(2, 90, 2), L.STFTSpectrogram(mode=mode, expand_dims=True, **small)
    first = dict(mode="stft", data_format="channels_first", **small)
    yield "stft_channels_first", sound(2, 2, 90), L.STFTSpectrogram(**first)
    yield "stft_channels_first_expanded", sound(2, 2, 90), L.STFTSpectrogram(expand_dims=True, **first)
    yield "stft_default", sound(1, 1000, 1), L.STFTSpectrogram()
    yield "stft_same", sound(2, 91, 1), L.STFTSpectrogram(mode="magnitude", padding="same", **small)
    yield "stft_fft_length", sound(2, 90, 1), L.STFTSpectrogram(mode="magnitude", fft_length=50, **small)
    yield "stft_window", sound(2, 90, 1), L.STFTSpectrogram(mode="psd", window="blackman", scaling="spectrum", periodic=True,
                                                            **small)
    yield "stft_no_scaling", sound(2, 90, 1), L.STFTSpectrogram(mode="psd", window=None, scaling=None, **small)


def twin_result(layer, x):
    """What a channels_first layer returns, from its channels_last twin: TensorFlow has no kernel for it on a CPU."""
    twin = L.STFTSpectrogram.from_config({**layer.get_config(), "data_format": "channels_last"})
    y = np.asarray(twin(tf.constant(x.transpose(0, 2, 1))))
    return y.transpose((0, 3, 1, 2) if layer.expand_dims else (0, 2, 1))


def write(out, name, x, layer):
    keras.backend.clear_session()
    inputs = L.Input(x.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    if "channels_first" in name:
        y = twin_result(layer, x)
    else:
        y = np.asarray(tf.cast(model(tf.constant(x)), "float32"))
    case = f"{name}_k{VERSION}"
    folder = os.path.join(out, "spectrograms", case)
    os.makedirs(folder, exist_ok=True)
    model.save(os.path.join(folder, "model.h5"))
    np.save(os.path.join(folder, "x0.npy"), x)
    np.save(os.path.join(folder, "y0.npy"), y)
    lines = []
    model.summary(print_fn=lambda text, **_: lines.append(text))
    with open(os.path.join(folder, "summary.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")
    tolerance = 0.3 if "mixed" in name else 2e-3 if "angle" in name or "mel" in name else 1e-4
    facts = {
        "keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "spectrograms", "case": case,
        "layer_classes": ["InputLayer", type(layer).__name__],
        "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": x.dtype.str,
                    "declared_shape": [None, *x.shape[1:]], "declared_dtype": "float32"}],
        "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": y.dtype.str}],
        "atol": tolerance, "rtol": 1e-4, "computed_by": "equivalent" if "channels_first" in name else "keras", "files": {"model.h5": "saved"},
    }
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(facts, file, indent=1)


def main():
    for cases in (mel_cases, stft_cases):
        for case in cases():
            write(sys.argv[1], *case)


if __name__ == "__main__":
    main()
