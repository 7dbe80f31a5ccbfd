"""The golden cases as real Keras sees them: what to feed, what must come out."""
import json
import pathlib

import numpy as np
import tensorflow as tf

from fixture_common import flat, to_np

REFUSED = pathlib.Path(__file__).resolve().parents[2] / "testdata/golden/refused.json"

# What TensorFlow raises where it computes an operation on other devices only.
NO_KERNEL = (tf.errors.NotFoundError, tf.errors.UnimplementedError, tf.errors.InvalidArgumentError)


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

    def has_layer(self, class_name):
        return class_name in self.facts["layer_classes"]

    def source(self):
        """The files that hold the model: a whole one, or an architecture and weights; None if there are none."""
        for name in ("model.h5", "model.keras"):
            if self.has(name):
                return [self.folder / name]
        for weights in ("legacy_weights.h5", "model.weights.h5"):
            if self.has("architecture.json") and self.has(weights):
                return [self.folder / "architecture.json", self.folder / weights]
        return None

    @property
    def graft(self):
        """The arguments of the load_weights after which the outputs were recorded; None if there was none."""
        graft = self.facts.get("graft")
        return graft and {**graft, "file": self.folder / graft["file"]}

    def words(self):
        """What tells layerctl to read that."""
        model, *weights = self.source()
        pairing = []
        if self.graft:
            weights = [self.graft["file"]]
            pairing += ["--by-name"] if self.graft["by_name"] else []
            pairing += ["--skip-mismatch"] if self.graft["skip_mismatch"] else []
        return [model, *(["--weights", *weights] if weights else []), *pairing]

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
        if any(isinstance(getattr(x, "type_spec", None), tf.RaggedTensorSpec) for x in model.inputs or []):
            tensors = [tf.RaggedTensor.from_tensor(*both) for both in zip(tensors[::2], tensors[1::2])]  # rows, lengths
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
        try:
            return self.judge_outputs(model)
        except NO_KERNEL:
            wanted = reference and self.weights_without_kernel(reference)
            if not wanted:
                raise
            return self.complaint(wanted, model.get_weights())

    def weights_without_kernel(self, reference):
        """The weights of the model Keras loads from its own file, if that loads and does not run here either."""
        try:
            own = reference()
        except Exception:
            return None
        try:
            own(self.inputs(own), training=False)
            return None
        except NO_KERNEL:
            return own.get_weights()

    def judge_outputs(self, model):
        inputs = self.inputs(model)
        complaint = self.complaint(self.outputs(), [to_np(t) for t in flat(model(inputs, training=False))])
        if complaint is None and "stateful" in self.facts:
            second = [to_np(t) for t in flat(model(inputs, training=False))]
            complaint = self.complaint(self.outputs("_call2"), second)
        return complaint


def read_cases(golden, groups, names, every):
    cases = [Case(path.parent) for path in sorted(pathlib.Path(golden).glob("*/*/case.json"))]
    refused = json.loads(REFUSED.read_text())
    cases = [c for c in cases if "keras_version" in c.facts and c.source() and c.name not in refused]
    if groups or names:
        cases = [c for c in cases if c.name.partition("/")[0] in groups or c.name in names]
    return cases[::every]
