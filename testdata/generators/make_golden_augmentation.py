#!/usr/bin/env python3
"""Write the group `augmentation`: image layers that act in training only (and AutoContrast, which always does) on what the
group `preprocessing` lacks: integer images, single images, constant channels, pipelines with weights.

    python make_golden_augmentation.py OUT_DIR        (run once per Keras version)

Outputs are those of predict: outside of it Keras 3 lets integers pass some of these layers as integers.
"""
import sys

import numpy as np
from fixture_common import K3, Corpus, L, keras, one

GROUP = "augmentation"


def predict(model, data):
    return model.predict(data[0] if isinstance(data, list) else data, verbose=0)


def pixels(*shape, dtype="uint8"):
    return lambda rng: [rng.randint(0, 256, (3, *shape)).astype(dtype)]


def with_constant_channel(*shape, high=255):
    def make(rng):
        x = (rng.rand(3, *shape) * high).astype("float32")
        x[1, ..., 0] = high / 2
        return [x]
    return make


def normalization():
    layer = L.Normalization()
    layer.adapt(np.random.RandomState(7).rand(16, 6, 5, 3).astype("float32") * 255)
    return layer


def main(out):
    c = Corpus(out)

    def case(name, build, x, **kw):
        c.case(GROUP, name, build, x=x, call=predict, fmts=["h5"], **kw)

    for name, layer in {"random_flip": lambda: L.RandomFlip("vertical"), "random_contrast": lambda: L.RandomContrast(0.5),
                        "random_brightness": lambda: L.RandomBrightness([-0.2, 0.4])}.items():
        case(name + "_uint8", lambda f=layer: one(f(), (6, 5, 3), dtype="uint8"), pixels(6, 5, 3))
        case(name + "_single", lambda f=layer: one(f(), (5, 3)), None)
    case("random_zoom_mixed_float16", lambda: one(L.RandomZoom((-0.2, 0.3), dtype="mixed_float16"), (6, 5, 3)), None)
    for name in ("RandomHeight", "RandomWidth"):
        case(name.replace("om", "om_").lower() + "_int32_dense", lambda n=name: keras.Sequential(
            [keras.Input((6, 5, 3), dtype="int32"), getattr(L, n)((0.2, 0.3), interpolation="bicubic"),
             L.GlobalMaxPooling2D(), L.Dense(2)]), pixels(6, 5, 3, dtype="int32"), on=2)
    if not K3:
        return c.finish(GROUP)

    case("auto_contrast_uint8", lambda: one(L.AutoContrast(), (6, 5, 3), dtype="uint8"), pixels(6, 5, 3))
    case("auto_contrast_constant_channel", lambda: one(L.AutoContrast(), (6, 5, 3)), with_constant_channel(6, 5, 3))
    case("auto_contrast_range", lambda: one(L.AutoContrast((1.5, -0.5)), (6, 5, 3)), with_constant_channel(6, 5, 3, high=1))
    case("auto_contrast_zeros", lambda: one(L.AutoContrast(), (2, 2, 1)), lambda rng: [np.zeros((3, 2, 2, 1), "float32")])
    case("auto_contrast_single", lambda: one(L.AutoContrast(), (5, 3)), with_constant_channel(5, 3),
         extra={"dependent_rows": "Keras takes a batch of rank 3 for one image"})
    case("auto_contrast_channels_first", lambda: one(L.AutoContrast(data_format="channels_first"), (3, 6, 5)),
         with_constant_channel(3, 6, 5))
    case("max_num_bounding_boxes", lambda: one(L.MaxNumBoundingBoxes(4), (6, 5, 3)), None)
    case("random_perspective_nearest", lambda: one(L.RandomPerspective(0.5, scale=0.4, interpolation="nearest", fill_value=3),
                                                   (6, 5, 3)), None)
    case("pipeline_normalization", lambda: one(L.Pipeline([L.Rescaling(2.0), normalization(), L.RandomFlip()]), (6, 5, 3)),
         with_constant_channel(6, 5, 3), keep=True)
    case("pipeline_equalization_uint8", lambda: one(L.Pipeline([L.Equalization(bins=64), L.AutoContrast(), L.CenterCrop(4, 4)]),
                                                    (6, 5, 3), dtype="uint8"), pixels(6, 5, 3),
         extra={"layer_classes": ["InputLayer", "Pipeline", "Equalization", "AutoContrast", "CenterCrop"]})
    c.finish(GROUP)


if __name__ == "__main__":
    main(sys.argv[1])
