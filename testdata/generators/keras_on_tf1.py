"""Run Keras 1 and 2.0 to 2.3 on the TensorFlow 1 interface that TensorFlow 2.15 still has.

`install(SOURCES)` comes before anything else is imported; SOURCES is the folder that holds the package `keras` (and, for Keras
2.2, `keras_applications` and `keras_preprocessing`).
"""
import collections
import collections.abc
import inspect
import os
import sys
import types


def install(sources):
    sys.path.insert(0, sources)  # before TensorFlow, which would bring its own keras
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    for name in ("yaml", "scipy", "scipy.sparse", "scipy.linalg"):  # imported, but not needed here
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["scipy.sparse"].issparse = lambda x: False
    import numpy as np
    import tensorflow
    import tensorflow.compat.v1 as tf1
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import control_flow_ops

    tf1.disable_v2_behavior()
    for name in dir(tf1):  # what `import tensorflow` meant then
        if not name.startswith("__") and name not in ("compat", "keras", "python"):
            setattr(tensorflow, name, getattr(tf1, name))
    control_flow_ops.while_loop = tf1.while_loop
    ops._TensorLike = tf1.Tensor
    ops.is_dense_tensor_like = lambda x: isinstance(x, (tf1.Tensor, tf1.Variable))
    for name in ("Iterable", "Mapping", "MutableMapping", "Sequence", "Callable"):
        setattr(collections, name, getattr(collections.abc, name))
    spec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")
    inspect.getargspec = lambda function: spec(*inspect.getfullargspec(function)[:4])
    for name, kind in (("bool", bool), ("int", int), ("float", float), ("object", object)):
        if name not in np.__dict__:
            setattr(np, name, kind)
    return tensorflow
