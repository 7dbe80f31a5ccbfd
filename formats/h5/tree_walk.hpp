// Version 1 B-trees of an HDF5 file, which index the members of groups and the chunks of datasets.
#pragma once

#include <functional>
#include <string_view>

#include "formats/bytes.hpp"
#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

enum class TreeKind : std::uint64_t { group = 0, chunks = 1 };

/// Receives a leaf's child and the keys on both sides of it.
using LeafVisitor = std::function<void(std::string_view left, std::string_view right, std::uint64_t child)>;

/// Visits every leaf entry in order. Code::format unless each node is where it should be, once, and one level below its
/// parent: HDF5 1.10 would follow a circle for ever.
void walk_tree(const File& file, std::uint64_t root, TreeKind kind, std::size_t key_size, const LeafVisitor& visit);

}  // namespace layerctl::formats::h5
