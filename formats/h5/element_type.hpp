// HDF5 datatypes that stand for a DType.
#pragma once

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// The dtype of a dataset's elements; Code::unsupported for anything but plain numbers. Two opaque bytes are a
/// bfloat16: that is how Keras' arrays of it arrive in HDF5.
DType element_dtype(const H5::DataSet& dataset);

/// What a kind of datatype is called in a message: "a compound type (records or complex numbers)".
std::string_view type_class_name(H5T_class_t type);

/// Every byte of an element lies in it: no strings or lists of variable length, no references.
bool is_self_contained(const H5::DataType& type);

/// The type of these elements in the memory of this machine; HDF5 converts to it while reading.
H5::DataType memory_type(const H5::DataSet& dataset, DType dtype);

/// The little-endian type Keras stores these elements in; Code::unsupported for strings and booleans.
H5::DataType stored_type(DType dtype);

}  // namespace layerctl::formats::h5
