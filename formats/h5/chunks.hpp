// Chunked datasets: are the stored chunks what HDF5 takes them for?
#pragma once

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// The chunking of a dataset.
struct Chunks {
    std::vector<hsize_t> dims;
    std::uint64_t bytes = 0;  // of one chunk, unpacked
    std::uint64_t count = 1;  // that the dataset's shape spans
};

/// Code::refused if sizes exceed 64 bits.
Chunks chunks_of(const H5::DSetCreatPropList& creation, const Shape& shape, std::size_t element_size);

/// Names the first filter layerctl does not undo, or one that is there twice: stacked they could expand without bound.
void check_filters(const H5::DSetCreatPropList& creation);

/// Unpacks every stored chunk once and looks at its size alone. HDF5 1.10 does not: it reads beyond chunks that unpack
/// to less than a chunk, and subtracts the checksum's size from chunks shorter than that.
void check_chunks(const File& file, const H5::DataSet& dataset, const Chunks& chunks, const Shape& shape);

/// "shuffle, gzip": the filters of a dataset, in the order they are applied; empty for none.
std::string packing_of(const H5::DSetCreatPropList& creation);

}  // namespace layerctl::formats::h5
