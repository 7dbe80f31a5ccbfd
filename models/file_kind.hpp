// Kinds of files a model is written as, each in the dialect of the Keras that wrote the model.
#pragma once

namespace layerctl {

enum class FileKind {
    keras_archive,   // .keras
    h5,              // .h5: a whole model in the legacy format
    object_weights,  // .weights.h5
    legacy_weights,  // .h5: weights only, in the legacy format
    json,            // an architecture
    npz,             // weights by name
    safetensors,     // weights by name
    onnx,            // .onnx: what the model computes, for other runtimes
    tfjs,            // a folder: model.json of TensorFlow.js, weights beside it
};

}  // namespace layerctl
