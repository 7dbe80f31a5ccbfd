// HDF5 files that are a part of another file, as the weights in a .keras archive.
#pragma once

#include <cstdint>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// The part of an open file that HDF5 takes for a file. It must stay where it is as long as HDF5 uses it.
struct Window {
    int descriptor = -1;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;  // grows with what is written
    int error = 0;           // errno of the first write that failed
};

/// How to open it. A write that fails is kept in `error`, and HDF5 does not hear of it: it could not close the file then.
H5::FileAccPropList access_to(Window& window);

}  // namespace layerctl::formats::h5
