// Numeric datasets: the storage policy, and reading into a Tensor.
#include "formats/h5/array.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "formats/h5/chunks.hpp"
#include "formats/h5/element_type.hpp"
#include "formats/h5/hdf5.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::uint64_t slack =
    1UL << 20;  // bytes an array may have without being stored: a fill value, a nearly empty chunk
constexpr std::uint64_t least_mapped = 1UL << 16;  // bytes; fewer are quicker read
constexpr std::uint64_t least_chunk_record = 16;   // bytes a stored chunk takes in the file at least
constexpr std::uint64_t spare_chunks = 4096;       // that may be absent and filled

Shape shape_of(const H5::DataSet& dataset) {
    const H5::DataSpace space = dataset.getSpace();
    const H5S_class_t kind = space.getSimpleExtentType();
    if (kind == H5S_NULL) fail(Code::format, "wanted an array, found a dataset without data (null dataspace)");
    if (kind == H5S_SCALAR) return {};
    std::array<hsize_t, H5S_MAX_RANK> dims{};
    const int rank = space.getSimpleExtentDims(dims.data());
    std::vector<std::int64_t> sizes;
    for (int axis = 0; axis < rank; ++axis) {
        const hsize_t dim = dims[static_cast<std::size_t>(axis)];
        if (dim > INT64_MAX) fail(Code::refused, "an array dimension of ", dim, " is too large");
        sizes.push_back(static_cast<std::int64_t>(dim));
    }
    return Shape(std::move(sizes));
}

std::uint64_t claimed_bytes(const Shape& shape, std::size_t element_size) {
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(shape.elements(), static_cast<std::int64_t>(element_size), &bytes) ||
        bytes > limits::tensor_bytes)
        fail(Code::refused, "an array of shape ", shape, " of ", element_size, " bytes each exceeds the limit of ",
             limits::tensor_bytes, " bytes");
    return static_cast<std::uint64_t>(bytes);
}

// Contiguous bytes must lie in the file.
void check_extent(const File& file, haddr_t offset, std::uint64_t claimed, std::uint64_t stored) {
    const std::uint64_t size = file.impl().size;
    if (stored < claimed) fail(Code::format, "the array claims ", claimed, " bytes, found ", stored, " stored ones");
    if (offset > size || stored > size - offset)
        fail(Code::format, "the array's bytes reach beyond the end of the file");
}

void check_expansion(std::uint64_t claimed, std::uint64_t stored) {
    std::uint64_t most = 0;
    if (__builtin_mul_overflow(stored, std::uint64_t{limits::expansion}, &most) ||
        __builtin_add_overflow(most, slack, &most))
        return;
    if (claimed > most)
        fail(Code::refused, "the array claims ", claimed, " bytes, which ", stored, " stored ones cannot hold");
}

// HDF5 takes memory for a whole chunk, and for a record of every chunk.
void check_chunk_sizes(const File& file, const Chunks& chunks, std::uint64_t stored) {
    check_expansion(chunks.bytes, stored);
    if (chunks.count > file.impl().size / least_chunk_record + spare_chunks)
        fail(Code::refused, "the array claims ", chunks.count, " chunks, more than the file can hold");
}

/// Where contiguous elements begin that lie in the file. Only those have an address that HDF5 tells; behind a user
/// block it counts from there even if there is none, so nothing is said then.
std::optional<haddr_t> place_of(const File& file, const H5::DataSet& dataset) {
    const haddr_t offset = H5Dget_offset(dataset.getId());
    const bool has_place = file.impl().layout.base == 0 && offset != HADDR_UNDEF && dataset.getStorageSize() > 0;
    return has_place ? std::optional(offset) : std::nullopt;
}

void check_storage(const File& file, const H5::DataSet& dataset, const std::optional<haddr_t>& place,
                   const Shape& shape, std::size_t element_size) {
    if (place) return check_extent(file, *place, claimed_bytes(shape, element_size), dataset.getStorageSize());
    const H5::DSetCreatPropList creation = dataset.getCreatePlist();
    const H5D_layout_t layout = creation.getLayout();
    if (layout == H5D_VIRTUAL) fail(Code::refused, "a virtual dataset, whose elements lie in other files");
    if (creation.getExternalCount() > 0) fail(Code::refused, "a dataset whose elements lie in other files");
    check_filters(creation);
    const std::uint64_t claimed = claimed_bytes(shape, element_size);
    const std::uint64_t stored = dataset.getStorageSize();
    if (stored > file.impl().size) fail(Code::format, "the array's bytes reach beyond the end of the file");
    if (layout == H5D_CONTIGUOUS && stored > 0) check_extent(file, H5Dget_offset(dataset.getId()), claimed, stored);
    if (layout == H5D_COMPACT && stored < claimed)
        fail(Code::format, "the array claims ", claimed, " bytes, found ", stored, " stored ones");
    check_expansion(claimed, stored);
    if (layout != H5D_CHUNKED) return;
    check_chunk_sizes(file, chunks_of(creation, shape, element_size), stored);
}

ArrayInfo examine(const File& file, const H5::DataSet& dataset) {
    return checked("damaged dataset", [&] {
        ArrayInfo info{element_dtype(dataset), shape_of(dataset)};
        const std::optional<haddr_t> place = place_of(file, dataset);
        check_storage(file, dataset, place, info.shape, dtype_size(info.dtype));
        if (place && dataset.getDataType() == memory_type(dataset, info.dtype)) info.place = place;
        return info;
    });
}

Tensor read_dataset(const File& file, const H5::DataSet& dataset, const ArrayInfo& info) {
    Tensor tensor = Tensor::uninitialized(info.dtype, info.shape);
    if (tensor.elements() == 0) return tensor;
    if (const H5::DSetCreatPropList creation = dataset.getCreatePlist(); creation.getLayout() == H5D_CHUNKED)
        check_chunks(file, dataset, chunks_of(creation, info.shape, dtype_size(info.dtype)), info.shape);
    const H5::DataType type = memory_type(dataset, info.dtype);
    checked("cannot unpack the array: damaged data", [&] { dataset.read(tensor.mutable_data(), type); });
    return tensor;
}

}  // namespace

ArrayInfo array_info(const File& file, std::string_view path) {
    const Session session;
    return examine(file, open_dataset(file, path));
}

void check_array(const File& file, std::string_view path) {
    const Session session;
    const H5::DataSet dataset = open_dataset(file, path);
    checked("damaged dataset", [&] {
        const H5::DataType type = dataset.getDataType();
        if (!is_self_contained(type)) fail(Code::unsupported, "an array of ", type_class_name(type.getClass()));
        if (dataset.getSpace().getSimpleExtentType() == H5S_NULL) return;
        check_storage(file, dataset, place_of(file, dataset), shape_of(dataset), type.getSize());
    });
}

Tensor read_array(const File& file, std::string_view path) {
    const Session session;
    const H5::DataSet dataset = open_dataset(file, path);
    return read_dataset(file, dataset, examine(file, dataset));
}

Tensor read_array(const File& file, std::string_view path, const ArrayInfo& info) {
    if (!info.place) return read_array(file, path);
    Tensor tensor = Tensor::uninitialized(info.dtype, info.shape);
    read_raw(file, *info.place, {tensor.mutable_data(), tensor.byte_size()});
    return tensor;
}

Tensor map_array(const File& file, std::string_view path, const ArrayInfo& info) {
    const std::uint64_t size = dtype_size(info.dtype);
    if (!info.place || static_cast<std::uint64_t>(info.shape.elements()) * size < least_mapped)
        return read_array(file, path, info);
    const Session session;
    std::shared_ptr<std::byte> elements = file_pages(file, *info.place);
    const bool is_aligned = reinterpret_cast<std::uintptr_t>(elements.get()) % size == 0;
    if (elements == nullptr || !is_aligned) return read_array(file, path, info);
    return Tensor::of(info.dtype, info.shape, std::move(elements));
}

}  // namespace layerctl::formats::h5
