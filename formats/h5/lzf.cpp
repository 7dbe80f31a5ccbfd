#include "formats/h5/lzf.hpp"

#include <lzf.h>

#include <algorithm>
#include <limits>

namespace layerctl::formats::h5 {
namespace {

/// The longest match, 264 bytes, takes 3.
constexpr std::size_t expansion = 88;

/// What a chunk unpacks to at most: h5py's third value is the size of a chunk.
std::size_t most_bytes(std::size_t packed, std::size_t count, const unsigned* values) {
    const std::size_t possible = packed * expansion;
    return count > 2 && values[2] > 0 ? std::min<std::size_t>(possible, values[2]) : possible;
}

unsigned unpack(std::size_t packed, const void* from, std::size_t most, void* to) {
    constexpr std::size_t limit = std::numeric_limits<unsigned>::max();
    if (packed > limit || most > limit) return 0;
    return lzf_decompress(from, static_cast<unsigned>(packed), to, static_cast<unsigned>(most));
}

/// H5Z_func_t: puts a new buffer in place of the packed one; 0 if it fails. It packs nothing: LZF is optional, so HDF5
/// stores such chunks as they are.
std::size_t undo(unsigned flags, std::size_t count, const unsigned* values, std::size_t packed, std::size_t* size,
                 void** bytes) {
    if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;
    const std::size_t most = most_bytes(packed, count, values);
    void* unpacked = H5allocate_memory(most, false);
    const std::size_t length = unpacked == nullptr ? 0 : unpack(packed, *bytes, most, unpacked);
    if (length == 0) {
        H5free_memory(unpacked);
        return 0;
    }
    H5free_memory(*bytes);
    *bytes = unpacked;
    *size = most;
    return length;
}

}  // namespace

std::optional<std::string> lzf_unpacked(std::string_view packed, std::size_t most) {
    std::string unpacked(std::min(most, packed.size() * expansion), '\0');
    const unsigned size = unpack(packed.size(), packed.data(), unpacked.size(), unpacked.data());
    if (size == 0) return std::nullopt;
    unpacked.resize(size);
    return unpacked;
}

void register_lzf() {
    static const H5Z_class2_t lzf = {H5Z_CLASS_T_VERS, lzf_filter, 1, 1, "lzf", nullptr, nullptr, undo};
    static const bool registered = H5Zfilter_avail(lzf_filter) > 0 || H5Zregister(&lzf) >= 0;
    static_cast<void>(registered);
}

}  // namespace layerctl::formats::h5
