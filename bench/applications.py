#!/usr/bin/env python3
"""Hold layerctl against Keras on large networks: same summary, same numbers, and how long a run takes.

    python make_models.py DIR --only mobilenetv2,resnet50,vgg16,densenet121,inceptionv3,efficientnetb0
    python applications.py DIR [--layerctl build/release/layerctl] [--runs 5]

Needs TensorFlow 2.15. Prints one row per model; exits with 1 if a summary differs or a difference exceeds 1e-4.
`predict` is the shortest whole process of all runs: start, load, one image, write. `memory` is its peak.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from tensorflow import keras


def keras_summary(path):
    lines = []
    keras.models.load_model(path, compile=False).summary(print_fn=lambda line, **_: lines.append(line))
    return "\n".join(lines) + "\n"


def timed(command):
    """Seconds and peak MiB of one process."""
    start = time.perf_counter()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def relative_difference(found, wanted):
    return float(np.max(np.abs(found - wanted) / np.maximum(np.abs(wanted), np.finfo(np.float32).tiny)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models")
    parser.add_argument("--layerctl", default="build/release/layerctl")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    tool = os.path.abspath(arguments.layerctl)
    fine = True
    print(f"{'model':16} {'summary':8} {'rel. difference':>16} {'batch of 8':>12} {'predict s':>10} {'memory MiB':>11} {'file MiB':>9}")
    for path in sorted(glob.glob(os.path.join(arguments.models, "*.h5"))):
        base = path[:-3]
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "y.npy")
            differences, runs = [], []
            for suffix in ("8", ""):
                command = [tool, "predict", path, f"{base}.in{suffix}.npy", "-o", output]
                runs = [timed(command) for _ in range(arguments.runs)]
                differences.append(relative_difference(np.load(output), np.load(f"{base}.out{suffix}.npy")))
        printed = subprocess.run([tool, "summary", path], capture_output=True, text=True, check=True).stdout
        same = printed == keras_summary(path)
        fine = fine and same and max(differences) <= 1e-4
        print(f"{os.path.basename(base):16} {'same' if same else 'DIFFERS':8} {differences[1]:16.2e} {differences[0]:12.2e} "
              f"{min(run[0] for run in runs):10.2f} {max(run[1] for run in runs):11.0f} {os.path.getsize(path) / 2**20:9.0f}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
