// Objects of one HDF5 file, copied into another as they are.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// What a group holds, into a group of another file; see Writer::copy.
std::vector<std::string> copy_contents(const File& from, const std::string& group, const H5::Group& to,
                                       const std::set<std::string>& but);

}  // namespace layerctl::formats::h5
