"""Converts golden cases to ONNX and runs them in onnxruntime against the outputs that Keras recorded.

    onnx_check.py LAYERCTL GOLDEN_FOLDER [GROUP]... [--case GROUP/NAME] [--verbose]

Per group: how many are equal within the case's tolerance, how many layerctl refuses and why, how many onnxruntime has no
kernel for, and how many differ. Exit status 1 if any differs or is no valid ONNX.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

REFUSED = os.path.join(os.path.dirname(__file__), "../../testdata/golden/refused.json")  # nobody loads or runs them
UNWRITTEN = 4  # layerctl's exit code for what it does not support


def model_file(case):
    for name in ("model.h5", "model.keras", "architecture.json"):
        if os.path.exists(os.path.join(case, name)):
            return os.path.join(case, name)
    return None


def convert(layerctl, case, facts, out):
    """The complaint of layerctl, or None."""
    command = [layerctl, "convert", model_file(case), out]
    weights = [os.path.join(case, name) for name in ("model.weights.h5", "legacy_weights.h5")]
    weights = [path for path in weights if os.path.exists(path)]
    graft = facts.get("graft")
    if graft:
        command += ["--weights", os.path.join(case, graft["file"])]
        command += ["--by-name"] if graft["by_name"] else []
        command += ["--skip-mismatch"] if graft["skip_mismatch"] else []
    elif weights and command[2].endswith(".json"):
        command += ["--weights", weights[0]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    if done.returncode != UNWRITTEN:
        raise RuntimeError(done.stderr.strip())
    return done.stderr.strip()


def reason(complaint):
    """The first problem without the names of files and layers."""
    line = complaint.splitlines()[0].split(": ", 2)[-1]
    kind = re.search(r"layer '[^']*' \((\w+)\)", complaint)
    line = re.sub(r"layer '[^']*' \(\w+\): ", "", line)
    if "of this class is not written" in line or "operation '" in line:
        return f"{kind.group(1) if kind else ''}: {line}"
    return line


def input_array(session_input, path):
    array = numpy.load(path)
    kinds = {"tensor(float16)": numpy.float16, "tensor(float)": numpy.float32, "tensor(double)": numpy.float64,
             "tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32, "tensor(int16)": numpy.int16,
             "tensor(int8)": numpy.int8, "tensor(uint8)": numpy.uint8, "tensor(uint16)": numpy.uint16,
             "tensor(uint32)": numpy.uint32, "tensor(uint64)": numpy.uint64, "tensor(bool)": numpy.bool_}
    if session_input.type == "tensor(string)":
        return numpy.array([text.decode() for text in array.ravel()], dtype=object).reshape(array.shape)
    return array.astype(kinds[session_input.type])


def without_bfloat16(path):
    """numpy has no bfloat16: such inputs and outputs are turned into float32."""
    model = onnx.load(path)
    for given in model.graph.input:
        tensor = given.type.tensor_type
        if tensor.elem_type != onnx.TensorProto.BFLOAT16:
            continue
        model.graph.node.insert(0, onnx.helper.make_node("Cast", [given.name + ":float"], [given.name],
                                                         to=onnx.TensorProto.BFLOAT16))
        given.name += ":float"
        tensor.elem_type = onnx.TensorProto.FLOAT
    for output in model.graph.output:
        tensor = output.type.tensor_type
        if tensor.elem_type != onnx.TensorProto.BFLOAT16:
            continue
        model.graph.node.append(onnx.helper.make_node("Cast", [output.name], [output.name + ":float"],
                                                      to=onnx.TensorProto.FLOAT))
        output.name += ":float"
        tensor.elem_type = onnx.TensorProto.FLOAT
    onnx.save(model, path)


def run(path, case):
    without_bfloat16(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {given.name: input_array(given, os.path.join(case, f"x{i}.npy"))
             for i, given in enumerate(session.get_inputs())}
    return session.run(None, feeds)


def difference(outputs, case, facts):
    """What is unlike the recorded outputs, or None."""
    atol, rtol = facts["atol"], facts["rtol"]
    for i, output in enumerate(outputs):
        wanted = numpy.load(os.path.join(case, f"y{i}.npy"))
        if output.dtype == object:
            if (wanted != numpy.array([str(t).encode() for t in output.ravel()]).reshape(output.shape)).any():
                return f"output {i}: other strings"
            continue
        if output.shape != wanted.shape:
            return f"output {i}: shape {output.shape}, wanted {wanted.shape}"
        if not numpy.allclose(output.astype(numpy.float64), wanted.astype(numpy.float64), atol=atol, rtol=rtol,
                              equal_nan=True):
            gap = numpy.nanmax(numpy.abs(output.astype(numpy.float64) - wanted.astype(numpy.float64)))
            return f"output {i}: differs by {gap:.3g}, allowed {atol} + {rtol} relative"
    return None


def check(layerctl, case, folder):
    """(result, why): equal, refused, no kernel, different or invalid."""
    out = os.path.join(folder, "model.onnx")
    with open(os.path.join(case, "case.json")) as file:
        facts = json.load(file)
    complaint = convert(layerctl, case, facts, out)
    if complaint is not None:
        return "refused", reason(complaint)
    onnx.checker.check_model(out, full_check=True)
    try:
        outputs = run(out, case)
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented as error:
        return "no kernel", re.sub(r".*(Could not find an implementation for \w+\(\d+\)).*", r"\1", str(error), flags=re.S)
    why = difference(outputs, case, facts)
    return ("equal", "") if why is None else ("different", why)


def cases_of(golden, group):
    folder = os.path.join(golden, group)
    with open(REFUSED) as file:
        refused = json.load(file)
    for name in sorted(os.listdir(folder)):
        if f"{group}/{name}" in refused:
            continue
        case = os.path.join(folder, name)
        if os.path.exists(os.path.join(case, "x0.npy")) and os.path.exists(os.path.join(case, "y0.npy")) and model_file(case):
            yield name, case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("layerctl")
    parser.add_argument("golden")
    parser.add_argument("groups", nargs="*")
    parser.add_argument("--case")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    groups = options.groups or sorted(g for g in os.listdir(options.golden) if g != "bad")
    wanted = options.case.split("/") if options.case else None
    totals, reasons = collections.Counter(), collections.Counter()
    for group in [wanted[0]] if wanted else groups:
        counts = collections.Counter()
        for name, case in cases_of(options.golden, group):
            if wanted and name != wanted[1]:
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    result, why = check(options.layerctl, case, folder)
                except Exception as error:  # whatever it is, the file we wrote is not right
                    result, why = "invalid", f"{type(error).__name__}: {str(error).strip()[:300]}"
            counts[result] += 1
            if result in ("refused", "no kernel"):
                reasons[f"{result}: {why}"] += 1
            if result in ("different", "invalid") or options.verbose:
                print(f"{group}/{name}: {result}: {why}", flush=True)
        totals += counts
        print(f"{group}: " + ", ".join(f"{counts[r]} {r}" for r in counts), flush=True)
    print("\nall: " + ", ".join(f"{totals[r]} {r}" for r in totals))
    for why, count in reasons.most_common():
        print(f"  {count:4}  {why}")
    return 1 if totals["different"] or totals["invalid"] else 0


if __name__ == "__main__":
    sys.exit(main())
