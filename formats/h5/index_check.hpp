// The structures HDF5 1.10 follows without looking where they lead, checked beforehand.
#pragma once

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// A group of the old style: its B-tree, the nodes at its leaves and the heap of its names.
void check_symbol_table(const File& file, std::uint64_t tree, std::uint64_t heap);

/// The B-tree of a dataset's chunks. `rank` counts the dimension of the element size. Every stored chunk must lie in
/// the file, and have just `exact_bytes` unless that is 0, as with filters.
void check_chunk_tree(const File& file, std::uint64_t tree, std::size_t rank, std::uint64_t exact_bytes);

}  // namespace layerctl::formats::h5
