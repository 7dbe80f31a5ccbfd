// Weights as a file holds them: names, dtypes and shapes at once, the numbers on demand.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl {

/// One stored array. `read` fetches it (checked against file size and limits first) and may be called again. `map`, if
/// it is there, does the same without a copy where the file holds just these bytes: it must not change then as long as
/// the tensor lives.
struct StoredWeight {
    std::string name;  // as stored: "dense/kernel:0"
    DType dtype = DType::float32;
    Shape shape;
    std::function<Tensor()> read;
    std::function<Tensor()> map = {};
};

/// The arrays stored for one layer, or for one object of a layer, in the file's order.
struct WeightGroup {
    std::string layer;  // by_order: its name; by_path: the object's path, "layers/lstm/cell"
    std::vector<StoredWeight> weights;
};

/// How stored arrays find their layers.
enum class WeightLayout {
    none,      // no weights came with the config
    by_order,  // legacy h5: groups pair with the layers that own weights, by position (formats.md 1.5)
    by_path,   // .keras, .weights.h5: groups are objects, found by their way through the model (formats.md 3)
    by_name,   // .npz, .safetensors, TensorFlow.js: one group without a name, every array found by its own
};

/// An open file, as the format that read it knows it: a save copies from it what is not described here.
struct SourceFile {
    virtual ~SourceFile() = default;
};

struct WeightStore {
    WeightLayout layout = WeightLayout::none;
    std::vector<WeightGroup> groups;
    std::vector<StoredWeight> top_level;  // of the model itself: `top_level_model_weights`, `vars`
    std::vector<StoredWeight> optimizer;  // what a compiled model's optimizer had in memory; never read
    std::string backend;                  // "tensorflow", "theano", … or empty
    std::string keras_version;            // of the writer, or empty
    bool grafted = false;                 // they come from another file than the model
    std::shared_ptr<const SourceFile> file;  // all of them, as they stand there; null if they are of several files or none
};

}  // namespace layerctl
