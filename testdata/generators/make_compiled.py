#!/usr/bin/env python3
"""Add functions that must be refused to the corpus of compiled ones (compiled.tar.xz), as the Python that runs this compiles them.

    python make_compiled.py CORPUS        (once per version of Python; CORPUS/compiled is the unpacked archive)

What is refused here would be computed otherwise than Python does, or not be the same for every shape.
"""
import base64
import json
import marshal
import os
import sys

REFUSED = {  # name: source, category
    "list_in_place": ("def f(x):\n    a = [1.0, 2.0]\n    b = a\n    b += [3.0]\n    return x * len(a)\n", "store"),
    "list_key": ("lambda x: x[[0, 1]]", "attribute"),
    "array_times": ("lambda x: np.array([1.0, 2.0]) * 2 + x", "attribute"),
    "dtype_branch": ("lambda x: x if x.dtype == tf.float16 else -x", "tensor condition"),
    "batch_branch": ("lambda x: x if x.shape[0] is None else -x", "tensor condition"),
    "mask_argument": ("lambda x, mask=None: x if mask is None else -x", "unknown global"),
    "any_arguments": ("lambda *x: x[0]", "attribute"),
    "no_tensor": ("lambda x: 1.0", "attribute"),
    "huge_integer": ("lambda x, n=3: x + (n * 1000000007) ** 9", "constant too large"),
    "huge_list": ("lambda x, n=3: x + [n] * 10000000", "constant too large"),
    "huge_text": ("def f(x):\n" + "    t = 'ab'\n" + "    t = t + t\n" * 20 + "    return x * len(t)\n", "constant too large"),
    "bits": ("lambda x: (x > 0) & (x < 1)", "attribute"),
    "negative_root": ("lambda x, n=-2.0: x * n ** 0.5", "attribute"),
    "import_other": ("def f(x):\n    import os\n    return x\n", "import"),
    "import_star": ("def f(x):\n    from tensorflow.python.ops import gen_io_ops\n    return x\n", "import"),
    "eval": ("lambda x: eval('x')", "unknown global"),
    "io": ("lambda x: tf.io.read_file('x')", "unknown function"),
    "layer": ("lambda x: tf.keras.layers.Dense(3)(x)", "unknown function"),
}


def function_of(source):
    space = {}
    exec(source if source.startswith("def ") else "f = " + source, space)
    return space["f"]


def main(corpus):
    version = "%d.%d" % sys.version_info[:2]
    for name, (source, category) in REFUSED.items():
        path = os.path.join(corpus, "compiled", "own_" + name + ".json")
        entry = {"id": "own_" + name, "kind": "refuse", "refuse_category": category, "source": source, "arguments": None,
                 "closure_names": [], "closure_values": None, "expected": None, "python": {}, "base64": {}}
        if os.path.exists(path):
            with open(path) as text:
                entry = json.load(text)
        function = function_of(source)
        entry["defaults"] = list(function.__defaults__) if function.__defaults__ else None
        entry["python"][version] = "%d.%d.%d" % sys.version_info[:3]
        entry["base64"][version] = base64.b64encode(marshal.dumps(function.__code__)).decode()
        with open(path, "w") as out:
            json.dump(entry, out, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
