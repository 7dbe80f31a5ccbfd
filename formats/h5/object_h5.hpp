// Weights by object in HDF5: model.weights.h5 of a .keras archive, and .weights.h5 files (formats.md 3).
#pragma once

#include <memory>

#include "formats/h5/file.hpp"
#include "formats/object_weights.hpp"

namespace layerctl::formats {

/// True if the root looks like that layout: it holds `vars`, or a container of layers.
bool holds_objects(const h5::File& file);

/// Every object of the file; problems of it are reported together.
ObjectArrays read_objects(const std::shared_ptr<const h5::File>& file);

/// The same as the weights of a model.
WeightStore load_object_weights(const std::shared_ptr<const h5::File>& file);

}  // namespace layerctl::formats
