"""The golden cases as real Keras sees them: what to feed, what must come out."""
import json
import pathlib

import numpy as np
import tensorflow as tf

from fixture_common import flat, to_np


class Case:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.name = f"{self.folder.parent.name}/{self.folder.name}"
        self.facts = json.loads((self.folder / "case.json").read_text())

    @property
    def keras_version(self):
        return self.facts["keras_version"]

    @property
    def by_weights(self):
        """Keras cannot run the model on this machine; what it loads is compared with what it loads from its own file."""
        return self.facts["computed_by"] == "equivalent"

    def has(self, name):
        return (self.folder / name).exists()

    def source(self):
        """The words that tell layerctl what to read."""
        for name in ("model.h5", "model.keras"):
            if self.has(name):
                return [self.folder / name]
        for weights in ("legacy_weights.h5", "model.weights.h5"):
            if self.has("architecture.json") and self.has(weights):
                return [self.folder / "architecture.json", "--weights", self.folder / weights]
        return None

    def custom_objects(self, repository):
        """layerctl's description of the case's own classes."""
        below = repository / "testdata/custom-objects"
        stem = self.folder.name.rpartition("_k")[0]
        for file in (self.folder / "custom_objects.json", below / self.folder.parent.name / f"{stem}.json",
                     below / f"{self.folder.parent.name}.json"):
            if file.exists():
                return ["--custom-objects", file]
        return []

    def inputs(self, model):
        """In the structure of the model's inputs."""
        arrays = [np.load(self.folder / x["file"]) for x in self.facts["inputs"]]
        tensors = [tf.constant(a.tolist() if a.dtype.kind in "SU" else a) for a in arrays]
        if all("key" in x for x in self.facts["inputs"]):
            return dict(zip((x["key"] for x in self.facts["inputs"]), tensors))
        structure = getattr(model, "_inputs_struct" if hasattr(model, "_inputs_struct") else "_nested_inputs", None)
        if isinstance(structure, dict):
            return tf.nest.pack_sequence_as(structure, tensors)
        return tensors[0] if len(tensors) == 1 and not isinstance(structure, (list, tuple)) else tensors

    def outputs(self, suffix=""):
        return [np.load(self.folder / y["file"].replace(".npy", f"{suffix}.npy")) for y in self.facts["outputs"]]

    def complaint(self, wanted, found):
        """How the outputs differ, or None."""
        if len(wanted) != len(found):
            return f"{len(found)} outputs, wanted {len(wanted)}"
        for i, (a, b) in enumerate(zip(wanted, found)):
            if a.shape != b.shape:
                return f"output {i}: shape {b.shape}, wanted {a.shape}"
            if a.dtype.kind in "SUb":
                if not np.array_equal(a, b.astype(a.dtype)):
                    return f"output {i} differs"
                continue
            near = np.isclose(b.astype("float64"), a.astype("float64"), rtol=self.facts["rtol"],
                              atol=self.facts["atol"], equal_nan=True)
            if not near.all():
                return f"output {i} is off by {np.nanmax(np.abs(a.astype('float64') - b.astype('float64'))):.3g}"
        return None

    def judge(self, model, reference):
        """What a loaded model gets wrong, or None. `reference` makes the model Keras loads from its own file, if it can."""
        if self.by_weights and reference is None:
            return None
        if self.by_weights:
            return self.complaint(reference().get_weights(), model.get_weights())
        inputs = self.inputs(model)
        complaint = self.complaint(self.outputs(), [to_np(t) for t in flat(model(inputs, training=False))])
        if complaint is None and "stateful" in self.facts:
            second = [to_np(t) for t in flat(model(inputs, training=False))]
            complaint = self.complaint(self.outputs("_call2"), second)
        return complaint


def read_cases(golden, groups, names, every):
    cases = [Case(path.parent) for path in sorted(pathlib.Path(golden).glob("*/*/case.json"))]
    cases = [c for c in cases if "keras_version" in c.facts and c.source()]
    if groups or names:
        cases = [c for c in cases if c.name.partition("/")[0] in groups or c.name in names]
    return cases[::every]
