"""Files that attack their reader, or that a scanner of models should speak about; and sound ones that look like them.

    python make_hostile.py CORPUS      writes CORPUS/hostile/<case>/: one file, and case.json with what must be said

case.json: file, rules (those `layerctl validate` finds, notes too), validate and check (exit codes of the commands).
Needs h5py and numpy. Nothing here does harm: paths lead nowhere, pickles hold numbers, code is two bytes of base64.
"""
import io
import json
import os
import pickle
import struct
import sys
import zipfile

import h5py
import numpy as np

DATE = (1980, 1, 1, 0, 0, 0)
CASES = []


def case(rules="", validate=None, check=0):
    """Registers a function that returns (file name, bytes). Findings exit with 1 unless all are notes."""

    def register(function):
        wanted = rules.split()
        code = (1 if wanted else 0) if validate is None else validate
        CASES.append((function.__name__, function, wanted, code, check))
        return function

    return register


# --- sound models to start from -----------------------------------------------------------------------------------


def dense(name="dense", units=2, **more):
    return {"class_name": "Dense", "config": dict({"name": name, "units": units}, **more)}


def config(*layers, dim=4):
    inputs = {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, dim]}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [inputs, *layers]}}


def config3(*layers, dim=4):
    inputs = {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None,
              "config": {"name": "i", "batch_shape": [None, dim], "dtype": "float32"}}
    return {"module": "keras", "class_name": "Sequential", "registered_name": None,
            "config": {"name": "s", "trainable": True, "dtype": "float32", "layers": [inputs, *layers]}}


def dense3(**more):
    return {"module": "keras.layers", "class_name": "Dense", "registered_name": None,
            "config": dict({"name": "dense", "units": 2}, **more)}


def text(group, name, value):
    group.attrs.create(name, value, dtype=h5py.string_dtype())


def names(group, name, values):
    group.attrs.create(name, values, shape=(len(values),), dtype=h5py.string_dtype())


def arrays(count=2):
    random = np.random.default_rng(1)
    return [random.normal(size=(4, 2)).astype("f4"), random.normal(size=2).astype("f4")][:count]


def h5_bytes(write, **options):
    out = io.BytesIO()
    with h5py.File(out, "w", **options) as file:
        write(file)
    return out.getvalue()


def legacy(file, model=None, weights=None, edit=None):
    """A whole model of one Dense layer; `edit(group of the layer, file)` makes it hostile."""
    text(file, "backend", "tensorflow")
    text(file, "keras_version", "2.15.0")
    text(file, "model_config", json.dumps(model or config(dense())))
    top = file.create_group("model_weights")
    names(top, "layer_names", ["dense"])
    group = top.create_group("dense")
    names(group, "weight_names", ["dense/kernel:0", "dense/bias:0"])
    for name, array in zip(["dense/kernel:0", "dense/bias:0"], arrays() if weights is None else weights):
        group[name] = array
    if edit:
        edit(group, file)


def legacy_h5(model=None, weights=None, edit=None, **options):
    return "model.h5", h5_bytes(lambda file: legacy(file, model, weights, edit), **options)


def by_object(file, weights=None):
    file.create_group("vars")
    for name, array in zip("01", arrays() if weights is None else weights):
        file[f"layers/dense/vars/{name}"] = array


def members(model=None, weights=None):
    return {"metadata.json": json.dumps({"keras_version": "3.12.0", "date_saved": "2026-01-01@00:00:00"}).encode(),
            "config.json": json.dumps(model or config3(dense3())).encode(),
            "model.weights.h5": h5_bytes(lambda file: by_object(file, weights))}


def zip_bytes(entries, method=zipfile.ZIP_STORED):
    """entries: (name or ZipInfo, bytes), duplicates allowed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, DATE)
            archive.writestr(info, data, method)
    return out.getvalue()


def keras_archive(model=None, weights=None, more=(), **options):
    return "model.keras", zip_bytes([*members(model, weights).items(), *more], **options)


# --- sound --------------------------------------------------------------------------------------------------------


@case()
def sound_h5():
    return legacy_h5()


@case()
def sound_keras():
    return keras_archive()


@case("LC014")
def optimizer_state():
    def edit(group, file):
        optimizer = file.create_group("optimizer_weights")
        names(optimizer, "weight_names", ["iteration:0"])
        optimizer["iteration:0"] = np.int64(7)

    return legacy_h5(edit=edit)


@case(check=3)
def relative_names():
    """Slashes, dots and colons that are no paths."""
    layers = [{"class_name": "Activation", "config": {"name": "block/relu:0", "activation": "relu"}},
              {"class_name": "EinsumDense", "config": {"name": "e", "equation": "ab,bc->ac", "output_shape": 2, "bias_axes": None}}]
    return "model.json", json.dumps(config(*layers)).encode()


# --- LC001, LC002, LC006, LC008: configs --------------------------------------------------------------------------


@case("LC001", check=4)
def lambda_marshal():
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": ["4w==", None, None], "function_type": "lambda"}}
    return legacy_h5(config(dense(), layer))


@case("LC001", check=4)
def lambda_keras3():
    function = {"class_name": "__lambda__", "config": {"code": "4w==", "defaults": None, "closure": None}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None,
             "config": {"name": "l", "function": function, "arguments": {}}}
    return keras_archive(config3(dense3(), layer))


@case("", check=4)
def lambda_by_name():
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": "my_function", "function_type": "function"}}
    return legacy_h5(config(dense(), layer))


@case("LC002", check=4)
def module_os():
    """As CVE-2025-1550."""
    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "function"}
    return keras_archive(config3(dense3(activation=function)))


@case("LC002 LC006", check=4)
def keras_get_file():
    """As CVE-2025-8747: Keras' own functions as gadgets."""
    function = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "function"}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None,
             "config": {"name": "l", "function": function, "arguments": {"origin": "https://example.invalid/x"}}}
    return keras_archive(config3(dense3(), layer))


@case("LC002", check=4)
def unsafe_deserialization():
    """As CVE-2025-9906."""
    function = {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization",
                "registered_name": "function"}
    return keras_archive(config3(dense3(activation=function)))


def lookup(vocabulary):
    return {"module": "keras.layers", "class_name": "StringLookup", "registered_name": None,
            "config": {"name": "lookup", "vocabulary": vocabulary, "dtype": "int64", "output_mode": "int"}}


@case("LC006", check=4)
def vocabulary_path():
    """As CVE-2025-12058."""
    model = config3(lookup("/etc/passwd"))
    model["config"]["layers"][0]["config"]["dtype"] = "string"
    return keras_archive(model, weights=[])


@case("LC006", check=4)
def vocabulary_relative():
    model = config3(lookup("words"))
    model["config"]["layers"][0]["config"]["dtype"] = "string"
    return keras_archive(model, weights=[])


@case("LC006 LC008", check=4)
def tfsm_layer():
    layer = {"module": "keras.layers", "class_name": "TFSMLayer", "registered_name": None,
             "config": {"name": "t", "filepath": "somewhere", "call_endpoint": "serve"}}
    return keras_archive(config3(dense3(), layer))


@case("LC008", check=4)
def torch_module():
    """As CVE-2025-49655."""
    layer = {"module": "keras.layers", "class_name": "TorchModuleWrapper", "registered_name": None,
             "config": {"name": "t", "module": "gASVAAAA"}}
    return keras_archive(config3(dense3(), layer))


# --- LC003: out of the file ---------------------------------------------------------------------------------------


def replaced(make):
    def edit(group, file):
        del group["dense/bias:0"]
        make(group["dense"], file)

    return legacy_h5(edit=edit)


@case("LC003", check=5)
def external_link():
    return replaced(lambda group, file: group.__setitem__("bias:0", h5py.ExternalLink("nowhere.h5", "/x")))


@case("LC003", check=5)
def soft_link():
    return replaced(lambda group, file: group.__setitem__("bias:0", h5py.SoftLink("/model_weights/dense/dense/kernel:0")))


@case("LC003", check=5)
def external_storage():
    """As CVE-2026-1669."""
    return replaced(lambda group, file: group.create_dataset("bias:0", (2,), "f4", external=[("nowhere.bin", 0, 8)]))


@case("LC003", check=5)
def virtual_dataset():
    def make(group, file):
        layout = h5py.VirtualLayout((2,), "f4")
        layout[:] = h5py.VirtualSource("nowhere.h5", "x", (2,))
        group.create_virtual_dataset("bias:0", layout)

    return replaced(make)


@case("LC003", check=5)
def external_group():
    def edit(group, file):
        del file["model_weights/dense"]
        file["model_weights/dense"] = h5py.ExternalLink("nowhere.h5", "/dense")

    return legacy_h5(edit=edit)


@case("LC003", check=5)
def external_link_in_archive():
    parts = members()

    def write(file):
        file["layers/dense/vars/0"] = arrays()[0]
        file["layers/dense/vars/1"] = h5py.ExternalLink("nowhere.h5", "/x")

    parts["model.weights.h5"] = h5_bytes(write)
    return "model.keras", zip_bytes(parts.items())


@case("LC003 LC012", check=5)
def path_traversal():
    return keras_archive(more=[("../../nowhere.txt", b"x")])


@case("LC003", check=5)
def link_member():
    link = zipfile.ZipInfo("assets", DATE)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    return keras_archive(more=[(link, b"/nowhere")])


# --- LC004: sizes and nesting -------------------------------------------------------------------------------------


@case("LC004", check=5)
def huge_dataset():
    """As CVE-2026-0897: 64 GiB that are not there."""
    return replaced(lambda group, file: group.create_dataset("bias:0", (1 << 17, 1 << 17), "f4", chunks=(1024, 1024)))


@case("LC004", check=5)
def many_chunks():
    return replaced(lambda group, file: group.create_dataset("bias:0", (1 << 24,), "f4", chunks=(1,)))


@case("LC004", check=5)
def huge_units():
    return legacy_h5(config(dense(units=1 << 40)))


@case("LC004", check=5)
def deep_json():
    return "model.json", b'{"a":' * 5000 + b"1" + b"}" * 5000


@case("LC004", check=5)
def deep_groups():
    parts = members()

    def write(file):
        by_object(file)
        file.create_group("layers/" + "x/" * 300)

    parts["model.weights.h5"] = h5_bytes(write)
    return "model.keras", zip_bytes(parts.items())


@case("LC004", check=5)
def group_cycle():
    """Groups that hold themselves twice: 2^100 paths."""
    parts = members()

    def write(file):
        by_object(file)
        group = file.create_group("layers/x")
        group["a"] = group
        group["b"] = group

    parts["model.weights.h5"] = h5_bytes(write)
    return "model.keras", zip_bytes(parts.items())


@case("LC004 LC010", check=5)
def shared_strings():
    """A list whose 4096 strings are all the same 128 KiB."""
    long = "x" * (1 << 17)

    def edit(group, file):
        group.attrs.create("weight_names", [long] + ["y"] * 3000, dtype=h5py.string_dtype())

    name, data = legacy_h5(edit=edit)
    data = bytearray(data)
    at = data.find(struct.pack("<I", len(long)), data.find(b"weight_names"))
    while struct.unpack_from("<I", data, at)[0] != len(long) or struct.unpack_from("<I", data, at + 16)[0] != 1:
        at = data.find(struct.pack("<I", len(long)), at + 1)
    for i in range(1, 3001):
        data[at + 16 * i:at + 16 * i + 16] = data[at:at + 16]
    return name, bytes(data)


@case("", validate=3, check=3)
def wide_characters():
    """A string of variable length whose characters claim 256 bytes each: HDF5 reads beyond it when it copies it."""
    name, data = legacy_h5(edit=lambda group, file: text(file, "note", "x" * 40))
    data = bytearray(data)
    character = struct.pack("<BBBBIHH", 0x10, 0, 0, 0, 1, 0, 8)
    at = data.find(character, data.find(b"note\0"))
    data[at + 4:at + 8] = struct.pack("<I", 256)
    return name, bytes(data)


# --- LC005, LC011, LC012: archives --------------------------------------------------------------------------------


@case("LC005", check=5)
def zip_bomb():
    parts = members()
    parts["config.json"] += b" " * (96 << 20)
    return "model.keras", zip_bytes(parts.items(), zipfile.ZIP_DEFLATED)


@case("LC005", check=5)
def lying_size():
    data = bytearray(keras_archive()[1])
    at = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 1)
    data[at + 24:at + 28] = struct.pack("<I", 0xfffffff0)
    return "model.keras", bytes(data)


@case("LC005 LC012", check=5)
def overlapping_members():
    """Two entries of the directory for the bytes of one member."""
    data = bytearray(keras_archive(more=[("assets/copy.h5", b"")])[1])
    weights = data.find(b"PK\x01\x02", data.rfind(b"model.weights.h5", 0, data.rfind(b"PK\x01\x02")) - 46)
    copy = data.rfind(b"PK\x01\x02")
    for field, size in ((16, 12), (42, 4)):
        data[copy + field:copy + field + size] = data[weights + field:weights + field + size]
    return "model.keras", bytes(data)


@case("LC011", check=5)
def duplicate_config():
    return keras_archive(more=[("config.json", b"{}")])


@case("LC012")
def bytes_behind_h5():
    name, data = legacy_h5()
    return name, data + b"hidden" * 100


@case("LC012")
def bytes_before_h5():
    name, data = legacy_h5(userblock_size=512)
    return name, b"#!/bin/sh\n" + data[10:]


@case("LC012", check=0)
def bytes_behind_archive():
    name, data = keras_archive()
    return name, data + b"hidden" * 100


@case("LC012")
def unknown_member():
    return keras_archive(more=[("notes/readme.txt", b"hidden")])


@case("LC012")
def unknown_group():
    return legacy_h5(edit=lambda group, file: file.create_dataset("payload", data=np.arange(100)))


# --- LC007: pickles -----------------------------------------------------------------------------------------------


def npy(array):
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


@case("LC007", check=5)
def pickle_file():
    return "model.pkl", pickle.dumps([1, 2], protocol=4)


@case("LC007", check=3)
def object_array():
    return "arrays.npz", zip_bytes([("arr_0.npy", npy(np.array([1, None], dtype=object)))])


@case("LC007 LC012")
def pickle_in_archive():
    return keras_archive(more=[("data.pkl", pickle.dumps([1, 2], protocol=4))])


# --- LC009, LC010, LC013: weights ---------------------------------------------------------------------------------


@case("LC009")
def nan_weight():
    kernel, bias = arrays()
    kernel[1, 1] = np.nan
    return legacy_h5(weights=[kernel, bias])


@case("LC009")
def infinite_half():
    kernel, bias = arrays()
    return legacy_h5(config(dense(dtype="float16")), [kernel.astype("f2"), np.array([1, np.inf], "f2")])


@case("LC010")
def stray_array():
    return legacy_h5(edit=lambda group, file: group.create_dataset("dense/spare:0", data=np.zeros(3, "f4")))


@case("LC010", check=3)
def absent_array():
    return legacy_h5(edit=lambda group, file: group.__delitem__("dense/bias:0"))


@case("LC013", check=3)
def other_shape():
    return legacy_h5(config(dense(units=3)))


@case("LC013", check=3)
def other_count():
    return keras_archive(config3(dense3(use_bias=False)))


def main():
    root = os.path.join(sys.argv[1], "hostile")
    for name, make, rules, validate, check in CASES:
        folder = os.path.join(root, name)
        os.makedirs(folder, exist_ok=True)
        if rules == ["LC014"]:
            validate = 0
        file, data = make()
        with open(os.path.join(folder, file), "wb") as out:
            out.write(data)
        with open(os.path.join(folder, "case.json"), "w") as out:
            json.dump({"file": file, "rules": rules, "validate": validate, "check": check}, out)


if __name__ == "__main__":
    main()
