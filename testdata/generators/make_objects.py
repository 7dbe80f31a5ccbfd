#!/usr/bin/env python3
"""Write what Keras says of its own initializers, regularizers, constraints, losses, metrics, optimizers and schedules:
the config of one object of every class.

    python make_objects.py objects.json        (run once per Keras version; adds its part to the file)
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

SCHEDULES = keras.optimizers.schedules
KINDS = {
    "initializer": (keras.initializers, keras.initializers.Initializer),
    "regularizer": (keras.regularizers, keras.regularizers.Regularizer),
    "constraint": (keras.constraints, keras.constraints.Constraint),
    "loss": (keras.losses, keras.losses.Loss),
    "metric": (keras.metrics, keras.metrics.Metric),
    "optimizer": (keras.optimizers, keras.optimizers.Optimizer),
    "schedule": (SCHEDULES, SCHEDULES.LearningRateSchedule),
}
ARGUMENTS = {
    "PrecisionAtRecall": [0.5], "RecallAtPrecision": [0.5], "SensitivityAtSpecificity": [0.5],
    "SpecificityAtSensitivity": [0.5], "IoU": [3, [0]], "OneHotIoU": [3, [0]], "MeanIoU": [3], "OneHotMeanIoU": [3],
    "ExponentialDecay": [0.1, 10, 0.9], "InverseTimeDecay": [0.1, 10, 0.9], "PolynomialDecay": [0.1, 10],
    "CosineDecay": [0.1, 10], "CosineDecayRestarts": [0.1, 10], "PiecewiseConstantDecay": [[1, 2], [0.1, 0.2, 0.3]],
    "MeanRelativeError": [[1.0, 2.0]], "LossScaleOptimizer": [keras.optimizers.SGD(SCHEDULES.CosineDecay(0.1, 10))],
}


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value.numpy().tolist()


def configs(module, base):
    found = {}
    for name in sorted(dir(module)):
        cls = getattr(module, name)
        if not isinstance(cls, type) or not issubclass(cls, base) or cls is base or cls.__name__ in found:
            continue
        try:
            found[cls.__name__] = cls(*ARGUMENTS.get(cls.__name__, [])).get_config()
        except Exception as error:
            print(f"{name}: {error}", file=sys.stderr)
    return found


if __name__ == "__main__":
    path = sys.argv[1]
    every = json.load(open(path)) if os.path.exists(path) else {}
    every[keras.__version__] = {kind: configs(*place) for kind, place in KINDS.items()}
    lines = [[[f"   {json.dumps(name)}: {json.dumps(config, default=plain)}" for name, config in classes.items()]
              for classes in kinds.values()] for kinds in every.values()]
    parts = [[f"  {json.dumps(kind)}: {{\n" + ",\n".join(rows) + "\n  }" for kind, rows in zip(kinds, part)]
             for kinds, part in zip(every.values(), lines)]
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(f" {json.dumps(version)}: {{\n" + ",\n".join(part) + "\n }"
                                     for version, part in zip(every, parts)) + "\n}\n")
