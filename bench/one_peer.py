#!/usr/bin/env python3
"""One runtime on one model, in a process of its own; `peers.py` calls it.

    python one_peer.py list                            the runtimes that are installed, as JSON: name to version
    python one_peer.py convert MODEL.h5 --batch 1,8    MODEL.onnx, MODEL.b1.tflite and MODEL.b8.tflite, unless they are there
    python one_peer.py run PEER MODEL.h5 --input X.npy --output Y.npy [--threads N] [--seconds S] [--max-seconds S] [--warmup S]

`run` prints what `layerctl bench --json` prints: load_ms, first_ms, runs, min_ms, median_ms, measured in the same way.
"""
import argparse
import importlib.metadata
import importlib.util
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np


def tensorflow(path, x, threads):
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = tf.keras.models.load_model(path + ".h5", compile=False)
    run = tf.function(lambda v: model(v, training=False), input_signature=[tf.TensorSpec(x.shape, x.dtype)])
    given = tf.constant(x)
    return lambda: run(given), np.asarray


def onnxruntime(path, x, threads):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(path + ".onnx", options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, feed)[0], np.asarray


def openvino(path, x, threads):
    import openvino as ov
    core = ov.Core()
    model = core.read_model(path + ".onnx")
    model.reshape({model.inputs[0].any_name: list(x.shape)})
    request = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()

    def run():
        request.infer([x], share_inputs=True)
        return request

    return run, lambda done: np.array(done.get_output_tensor(0).data)


def litert(path, x, threads):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_path=f"{path}.b{len(x)}.tflite", num_threads=threads)
    interpreter.allocate_tensors()
    given, returned = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def run():
        interpreter.set_tensor(given["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(returned["index"])

    return run, np.asarray


# name: how it loads a model, the module it needs, the packages that may bring that module
PEERS = {"TensorFlow": (tensorflow, "tensorflow", ["tensorflow-cpu", "tensorflow"]),
         "ONNX Runtime": (onnxruntime, "onnxruntime", ["onnxruntime"]),
         "OpenVINO": (openvino, "openvino", ["openvino"]),
         "LiteRT": (litert, "ai_edge_litert", ["ai-edge-litert"])}


def version(packages):
    for package in packages:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return ""


def installed():
    return {name: version(packages) for name, (_, module, packages) in PEERS.items()
            if importlib.util.find_spec(module) is not None}


def to_onnx(model, output):
    import tensorflow as tf
    import tf2onnx
    signature = [tf.TensorSpec(given.shape, given.dtype, name=f"x{i}") for i, given in enumerate(model.inputs)]
    tf2onnx.convert.from_keras(model, input_signature=signature, opset=17, output_path=output)


def to_tflite(model, batch, output):
    import tensorflow as tf
    signature = [tf.TensorSpec((batch, *given.shape[1:]), given.dtype) for given in model.inputs]
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(*signature)
    converted = tf.lite.TFLiteConverter.from_concrete_functions([function], model).convert()
    with open(output, "wb") as file:
        file.write(converted)


def convert(h5, batches):
    """A file that cannot be made is missing afterwards, and its runtime says so."""
    path = os.path.splitext(h5)[0]
    wanted = {path + ".onnx": to_onnx}
    wanted |= {f"{path}.b{batch}.tflite": lambda model, output, batch=batch: to_tflite(model, batch, output)
               for batch in batches}
    wanted = {output: make for output, make in wanted.items() if not os.path.exists(output)}
    if not wanted:
        return
    import tensorflow as tf
    model = tf.keras.models.load_model(h5, compile=False)
    for output, make in wanted.items():
        try:
            make(model, output)
        except Exception as error:  # converters raise whatever they like
            print(f"{output}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", file=sys.stderr)


def milliseconds_of(run):
    start = time.perf_counter()
    result = run()
    return (time.perf_counter() - start) * 1e3, result


def measure(run, seconds, most, warmup):
    start = time.perf_counter()
    for runs in range(1_000_000_000):
        passed = time.perf_counter() - start
        if (runs >= 2 and passed >= warmup) or (runs >= 1 and passed > warmup + most):
            break
        run()
    times, start, passed = [], time.perf_counter(), 0
    while not times or (passed < most and (passed < seconds or len(times) < 5)):
        times.append(milliseconds_of(run)[0])
        passed = time.perf_counter() - start
    return sorted(times)


def run_peer(arguments):
    x = np.load(arguments.input)
    load_ms, (run, fetch) = milliseconds_of(
        lambda: PEERS[arguments.peer][0](os.path.splitext(arguments.model)[0], x, arguments.threads))
    first_ms, result = milliseconds_of(run)
    np.save(arguments.output, fetch(result))
    times = measure(run, arguments.seconds, arguments.max_seconds, arguments.warmup)
    print(json.dumps({"load_ms": load_ms, "first_ms": first_ms, "runs": len(times), "min_ms": times[0],
                      "median_ms": times[len(times) // 2]}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    conversion = commands.add_parser("convert")
    conversion.add_argument("model")
    conversion.add_argument("--batch", type=lambda text: [int(part) for part in text.split(",")], default=[1])
    run = commands.add_parser("run")
    run.add_argument("peer", choices=PEERS)
    run.add_argument("model")
    run.add_argument("--input", required=True)
    run.add_argument("--output", required=True)
    run.add_argument("--threads", type=int, default=1)
    for name, default in (("--seconds", 1), ("--max-seconds", 10), ("--warmup", 0.2)):
        run.add_argument(name, type=float, default=default)
    arguments = parser.parse_args()
    if arguments.command == "list":
        print(json.dumps({"installed": installed(), "known": list(PEERS)}))
    elif arguments.command == "convert":
        convert(arguments.model, arguments.batch)
    else:
        run_peer(arguments)


if __name__ == "__main__":
    main()
