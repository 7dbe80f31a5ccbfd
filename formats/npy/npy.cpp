// One array in numpy's .npy format: magic, version, header length, header, elements.
#include "formats/npy/npy.hpp"

#include <algorithm>
#include <cstring>

#include "formats/bytes.hpp"
#include "formats/npy/header.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t header_alignment = 64;

/// Takes magic, version and header from the front.
NpyHeader take_header(ByteReader& in) {
    if (in.left() == 0) fail(Code::format, "wanted an npy array, found an empty file");
    if (in.take(magic.size()).value_or("") != magic)
        fail(Code::format, "not an npy file: it does not begin with '\\x93NUMPY'");
    const auto major = in.number(1);
    const auto minor = in.number(1);
    if (!major || !minor) fail(Code::format, "truncated npy header");
    if (*major < 1 || *major > 3 || *minor != 0)
        fail(Code::unsupported, "npy version ", *major, ".", *minor, ", wanted 1.0, 2.0 or 3.0");
    const auto length = in.number(*major == 1 ? 2 : 4);
    if (length && *length > limits::npy_header_bytes)
        fail(Code::refused, "npy header of ", *length, " bytes, the limit is ", limits::npy_header_bytes);
    const auto dict = length ? in.take(*length) : std::nullopt;
    if (!dict) fail(Code::format, "truncated npy header");
    return parse_npy_header(*dict);
}

/// The bytes of the elements: exactly as many as the header says.
std::string_view take_elements(ByteReader& in, const NpyHeader& header) {
    const auto count = static_cast<std::uint64_t>(header.shape.elements());
    if (header.item_size == 0 && count > limits::attribute_items)
        fail(Code::refused, "npy header claims ", count, " empty strings");
    std::uint64_t wanted = 0;
    if (__builtin_mul_overflow(count, std::uint64_t{header.item_size}, &wanted) || wanted > in.left())
        fail(Code::format, "npy data is too short: the header claims shape ", header.shape, " of ", header.item_size,
             "-byte elements, found ", in.left(), " bytes");
    const std::size_t found = in.left();
    const auto elements = in.take(wanted);
    if (in.left() > 0) fail(Code::format, "npy data: wanted ", wanted, " bytes, found ", found, " (trailing bytes)");
    return *elements;
}

void append_utf8(std::string& out, std::uint64_t code) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        fail(Code::format, "npy unicode string: ", code, " is no code point");
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    out += static_cast<char>(code < 0x800     ? 0xc0U | (code >> 6)
                             : code < 0x10000 ? 0xe0U | (code >> 12)
                                              : 0xf0U | (code >> 18));
    if (code >= 0x10000) tail(12);
    if (code >= 0x800) tail(6);
    tail(0);
}

std::string reversed(std::string_view bytes) { return {bytes.rbegin(), bytes.rend()}; }

// numpy pads strings with NULs and drops trailing ones on reading.
std::string decode_text(std::string_view item, const NpyHeader& header) {
    if (header.text == NpyHeader::Text::bytes) return std::string(item.substr(0, item.find_last_not_of('\0') + 1));
    std::string out;
    for (std::size_t i = 0; i < item.size(); i += 4) {
        const std::string_view unit = item.substr(i, 4);
        append_utf8(out, header.big_endian ? little_endian(reversed(unit)) : little_endian(unit));
    }
    return out.substr(0, out.find_last_not_of('\0') + 1);
}

/// Calls `visit(i, j)` for every element: row-major index i, index j in storage order.
template <class Visit>
void for_each_element(const NpyHeader& header, const Visit& visit) {
    const auto count = static_cast<std::size_t>(header.shape.elements());
    const std::size_t rank = header.shape.rank();
    if (!header.fortran_order || rank < 2) {
        for (std::size_t i = 0; i < count; ++i) visit(i, i);
        return;
    }
    std::vector<std::size_t> index(rank, 0), stride(rank, 1);
    for (std::size_t axis = 1; axis < rank; ++axis)
        stride[axis] = stride[axis - 1] * static_cast<std::size_t>(header.shape[axis - 1]);
    std::size_t stored = 0;
    for (std::size_t i = 0; i < count; ++i) {
        visit(i, stored);
        for (std::size_t axis = rank; axis-- > 0;) {
            stored += stride[axis];
            if (++index[axis] < static_cast<std::size_t>(header.shape[axis])) break;
            stored -= index[axis] * stride[axis];
            index[axis] = 0;
        }
    }
}

Tensor decode_strings(const NpyHeader& header, std::string_view elements) {
    std::vector<std::string> values(static_cast<std::size_t>(header.shape.elements()));
    for_each_element(header, [&](std::size_t i, std::size_t j) {
        values[i] = decode_text(elements.substr(j * header.item_size, header.item_size), header);
    });
    return Tensor::strings(header.shape, std::move(values));
}

Tensor decode_numbers(const NpyHeader& header, std::string_view elements) {
    Tensor tensor = Tensor::uninitialized(header.dtype, header.shape);
    const std::size_t size = header.item_size;
    auto* out = reinterpret_cast<char*>(tensor.mutable_data());
    if (!header.fortran_order && (!header.big_endian || size == 1)) {
        std::copy(elements.begin(), elements.end(), out);
    } else {
        for_each_element(header, [&](std::size_t i, std::size_t j) {
            const std::string_view item = elements.substr(j * size, size);
            if (header.big_endian) std::reverse_copy(item.begin(), item.end(), out + i * size);
            else std::copy(item.begin(), item.end(), out + i * size);
        });
    }
    if (header.dtype == DType::boolean)  // any other byte in a C++ bool would be undefined
        std::transform(out, out + tensor.elements(), out, [](char c) { return static_cast<char>(c != 0); });
    return tensor;
}

std::string header_text(std::string_view descr, const Shape& shape) {
    std::string dict = cat("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", shape, ", }");
    const std::size_t unpadded = magic.size() + 4 + dict.size() + 1;
    dict.append((header_alignment - unpadded % header_alignment) % header_alignment, ' ');
    dict += '\n';
    if (dict.size() > UINT16_MAX) fail(Code::unsupported, "an npy header of version 1.0 cannot hold shape ", shape);
    std::string out = std::string(magic) + '\x01' + '\x00';
    out += static_cast<char>(dict.size() & 0xffU);
    out += static_cast<char>(dict.size() >> 8);
    return out + dict;
}

std::string write_strings(const Tensor& tensor) {
    std::size_t width = 1;
    for (const std::string& value : tensor.string_values()) width = std::max(width, value.size());
    std::string out = header_text(cat("|S", width), tensor.shape());
    for (const std::string& value : tensor.string_values()) out.append(value).append(width - value.size(), '\0');
    return out;
}

}  // namespace

Tensor read_npy(std::span<const std::byte> bytes) {
    ByteReader in(as_text(bytes));
    const NpyHeader header = take_header(in);
    const std::string_view elements = take_elements(in, header);
    return header.dtype == DType::string ? decode_strings(header, elements) : decode_numbers(header, elements);
}

Tensor read_npy(const std::filesystem::path& path) {
    return in_context(path.string(), [&] { return read_npy(as_bytes(read_file(path))); });
}

std::string write_npy(const Tensor& tensor) {
    return bytes_of([&](OutputFile& file) { write_npy(tensor, file, 0); });
}

void write_npy(const Tensor& tensor, OutputFile& file, std::uint64_t begin) {
    if (tensor.dtype() == DType::string) return file.write_at(begin, write_strings(tensor));
    const Tensor plain = tensor.dtype() == DType::bfloat16 ? tensor.cast(DType::float32) : tensor;
    const std::string header = header_text(npy_descr(plain.dtype()), plain.shape());
    file.write_at(begin, header);
    file.write_at(begin + header.size(), as_text({plain.data(), plain.byte_size()}));
}

}  // namespace layerctl::formats
