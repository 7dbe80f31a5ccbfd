// HDF5 file format, section III.A: version 1 B-trees of raw data chunks.
#include "formats/h5/index_check.hpp"
#include "formats/h5/tree_walk.hpp"

namespace layerctl::formats::h5 {

void check_chunk_tree(const File& file, std::uint64_t tree, std::size_t rank, std::uint64_t exact_bytes) {
    const std::uint64_t size = file.impl().size, base = file.impl().layout.base;
    const std::size_t key_size = 8 + 8 * rank;  // stored bytes, filter mask, offsets
    walk_tree(file, tree, TreeKind::chunks, key_size, [&](std::string_view key, std::string_view, std::uint64_t chunk) {
        const std::uint64_t stored = little_endian(key.substr(0, 4));
        if (chunk > size || base + chunk > size || stored > size - base - chunk)
            fail(Code::format, "damaged chunk: it reaches beyond the end of the file");
        if (exact_bytes != 0 && stored != exact_bytes)
            fail(Code::format, "damaged chunk: wanted ", exact_bytes, " bytes, found ", stored);
    });
}

}  // namespace layerctl::formats::h5
