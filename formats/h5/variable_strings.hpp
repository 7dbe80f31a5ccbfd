// Attributes of variable-length strings, read from the file's bytes.
#pragma once

#include <string>
#include <vector>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// The `count` variable-length strings of an attribute. HDF5 finds the object; the strings are taken from the bytes of
/// the file: HDF5 1.10 itself would copy as many bytes as the string's heap claims into a buffer of the length that the
/// attribute claims. Code::unsupported if the attribute is not stored in its object's header.
std::vector<std::string> read_variable_strings(const File& file, const H5::H5Object& object, const std::string& name,
                                               std::size_t count);

}  // namespace layerctl::formats::h5
