// Models and weights as HDF5 files of Keras.
#pragma once

#include <cstdint>

#include "formats/output_file.hpp"
#include "formats/saving.hpp"

namespace layerctl::formats {

// Weights that know their file are those of the file as it is, and everything in it is copied (Writer::copy); all else
// is written as Keras would.

/// A whole model in the legacy format (formats.md 1). `weights` are by order.
void write_h5_model(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file);

/// The weights alone, in the legacy format.
void write_h5_weights(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file);

/// Weights by object: .weights.h5, and model.weights.h5 of an archive (formats.md 3), where it begins at an
/// offset. `weights` are by path; `optimizer` is its state, for a file that is not copied.
void write_object_weights(const WeightStore& weights, const std::vector<StoredWeight>& optimizer, Saving& saving,
                          OutputFile& file, std::uint64_t begin = 0);

}  // namespace layerctl::formats
