#include "formats/h5/chunks.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "formats/h5/lzf.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t fletcher32_bytes = 4;

constexpr std::array<H5Z_filter_t, 4> known_filters = {H5Z_FILTER_DEFLATE, lzf_filter, H5Z_FILTER_SHUFFLE,
                                                       H5Z_FILTER_FLETCHER32};

struct FilterName {
    H5Z_filter_t id;
    std::string_view name;
};

constexpr std::array filter_names = {
    FilterName{H5Z_FILTER_DEFLATE, "gzip"},
    FilterName{lzf_filter, "lzf"},
    FilterName{H5Z_FILTER_SHUFFLE, "shuffle"},
    FilterName{H5Z_FILTER_FLETCHER32, "fletcher32"},
    FilterName{H5Z_FILTER_SZIP, "szip"},
    FilterName{H5Z_FILTER_NBIT, "nbit"},
    FilterName{H5Z_FILTER_SCALEOFFSET, "scaleoffset"},
    FilterName{32001, "blosc"},
    FilterName{32004, "lz4"},
    FilterName{32015, "zstd"},
};

std::string filter_name(H5Z_filter_t id) {
    for (const FilterName& known : filter_names)
        if (known.id == id) return std::string(known.name);
    return cat("number ", id);
}

std::vector<H5Z_filter_t> filters_of(const H5::DSetCreatPropList& creation) {
    std::vector<H5Z_filter_t> filters;
    for (int i = 0; i < creation.getNfilters(); ++i) {
        unsigned flags = 0, config = 0;
        std::size_t values = 0;
        char name[1];
        filters.push_back(creation.getFilter(i, flags, values, nullptr, 0, name, config));
    }
    return filters;
}

/// Inflates to at most `most` bytes; nothing if the stream is damaged or longer.
std::optional<std::string> inflated(const std::string& bytes, std::size_t most) {
    std::string unpacked(most, '\0');
    uLongf size = unpacked.size();
    const auto* packed = reinterpret_cast<const Bytef*>(bytes.data());
    if (uncompress(reinterpret_cast<Bytef*>(unpacked.data()), &size, packed, bytes.size()) != Z_OK) return std::nullopt;
    unpacked.resize(size);
    return unpacked;
}

/// Sizes a chunk takes on its way through the filters, last filter first.
class ChunkCheck {
public:
    ChunkCheck(const File& file, const H5::DataSet& dataset, const Chunks& chunks)
        : file_(file), dataset_(dataset), chunks_(chunks), filters_(filters_of(dataset.getCreatePlist())) {}

    void run(const std::vector<hsize_t>& origin) const {
        if (filters_.empty()) return;  // of the right size (index_check.hpp)
        hsize_t stored = 0;
        checked("damaged chunk", H5Dget_chunk_storage_size(dataset_.getId(), origin.data(), &stored));
        if (stored == 0) return;  // filled
        if (stored > file_.impl().size) fail(Code::format, "damaged chunk: it reaches beyond the end of the file");
        std::string bytes(stored, '\0');
        std::uint32_t skipped = 0;
        checked("damaged chunk", H5Dread_chunk(dataset_.getId(), H5P_DEFAULT, origin.data(), &skipped, bytes.data()));
        for (std::size_t i = filters_.size(); i-- > 0;)
            if ((skipped >> i & 1U) == 0 && !undo(filters_[i], bytes))
                fail(Code::format, "damaged chunk: it does not unpack");
        if (bytes.size() != chunks_.bytes)
            fail(Code::format, "damaged chunk: wanted ", chunks_.bytes, " bytes, found ", bytes.size());
    }

private:
    bool undo(H5Z_filter_t filter, std::string& bytes) const {
        if (filter == H5Z_FILTER_DEFLATE || filter == lzf_filter) {
            const std::size_t most = chunks_.bytes + fletcher32_bytes;
            std::optional<std::string> unpacked =
                filter == lzf_filter ? lzf_unpacked(bytes, most) : inflated(bytes, most);
            if (unpacked) bytes = std::move(*unpacked);
            return unpacked.has_value();
        }
        if (filter != H5Z_FILTER_FLETCHER32) return true;
        if (bytes.size() <= fletcher32_bytes) return false;
        bytes.resize(bytes.size() - fletcher32_bytes);
        return true;
    }

    const File& file_;
    const H5::DataSet& dataset_;
    const Chunks& chunks_;
    std::vector<H5Z_filter_t> filters_;
};

/// Moves on to the origin of the next chunk; false behind the last one.
bool advance(std::vector<hsize_t>& origin, const Chunks& chunks, const Shape& shape) {
    for (std::size_t axis = origin.size(); axis-- > 0;) {
        origin[axis] += chunks.dims[axis];
        if (origin[axis] < static_cast<hsize_t>(shape[axis])) return true;
        origin[axis] = 0;
    }
    return false;
}

}  // namespace

Chunks chunks_of(const H5::DSetCreatPropList& creation, const Shape& shape, std::size_t element_size) {
    Chunks chunks;
    chunks.dims.resize(H5S_MAX_RANK);
    const int rank = creation.getChunk(H5S_MAX_RANK, chunks.dims.data());
    chunks.dims.resize(static_cast<std::size_t>(std::max(rank, 0)));
    if (chunks.dims.size() != shape.rank()) fail(Code::format, "damaged dataset: chunks of another rank");
    chunks.bytes = element_size;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        const hsize_t size = static_cast<hsize_t>(shape[axis]), chunk = chunks.dims[axis];
        if (chunk == 0) fail(Code::format, "damaged dataset: a chunk dimension is 0");
        if (__builtin_mul_overflow(chunks.bytes, chunk, &chunks.bytes) ||
            __builtin_mul_overflow(chunks.count, size / chunk + (size % chunk != 0 ? 1 : 0), &chunks.count))
            fail(Code::refused, "chunks of more bytes than 64 bits count");
    }
    return chunks;
}

void check_filters(const H5::DSetCreatPropList& creation) {
    const std::vector<H5Z_filter_t> filters = filters_of(creation);
    for (auto filter = filters.begin(); filter != filters.end(); ++filter) {
        if (std::find(known_filters.begin(), known_filters.end(), *filter) == known_filters.end())
            fail(Code::unsupported, "the array is packed by the HDF5 filter '", filter_name(*filter),
                 "'; wanted gzip, lzf, shuffle or fletcher32");
        if (std::find(filters.begin(), filter, *filter) != filter)
            fail(Code::refused, "the array is packed by one HDF5 filter twice");
    }
}

std::string packing_of(const H5::DSetCreatPropList& creation) {
    std::string text;
    for (const H5Z_filter_t filter : filters_of(creation)) text += (text.empty() ? "" : ", ") + filter_name(filter);
    return text;
}

void check_chunks(const File& file, const H5::DataSet& dataset, const Chunks& chunks, const Shape& shape) {
    if (chunks.count == 0) return;
    const ChunkCheck check(file, dataset, chunks);
    std::vector<hsize_t> origin(shape.rank(), 0);
    do check.run(origin);
    while (advance(origin, chunks, shape));
}

}  // namespace layerctl::formats::h5
