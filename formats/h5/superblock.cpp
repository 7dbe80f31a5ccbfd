// HDF5 file format, section II.A.
#include "formats/h5/superblock.hpp"

#include <algorithm>

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t longest_superblock = 96;

}  // namespace

std::optional<std::uint64_t> find_superblock(std::uint64_t size, const ReadAt& read_at) {
    for (std::uint64_t offset = 0; offset + signature.size() <= size; offset = std::max<std::uint64_t>(512, offset * 2))
        if (read_at(offset, signature.size()) == signature) return offset;
    return std::nullopt;
}

// Version 0 and 1: sizes of addresses at 13, addresses from 24 (28) on: base, free space, end of file.
// Version 2 and 3: sizes of addresses at 9, addresses from 12 on: base, extension, end of file.
std::optional<std::uint64_t> end_of_file(std::uint64_t superblock, const ReadAt& read_at) {
    const std::string bytes = read_at(superblock, longest_superblock);
    ByteReader in(bytes);
    in.skip(signature.size());
    const std::uint64_t version = in.number(1).value_or(UINT64_MAX);
    if (version > 3) return std::nullopt;
    in.skip(version < 2 ? 4 : 0);
    const std::uint64_t width = in.number(1).value_or(0);
    if (width != 2 && width != 4 && width != 8) return std::nullopt;
    in.skip(version == 0 ? 10 : version == 1 ? 14 : 2);
    in.skip(2 * width);
    return in.number(width);
}

}  // namespace layerctl::formats::h5
