// HDF5 file format, section IV.A.2: are the messages of an object header what they claim to be?
#include <optional>
#include <vector>

#include "formats/bytes.hpp"
#include "formats/h5/index_check.hpp"
#include "formats/h5/object_header.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::uint64_t shared_flag = 0x02;

void wanted(bool condition, std::string_view part) {
    if (!condition) fail(Code::format, "damaged ", part, " in an object header");
}

template <class T>
T wanted(std::optional<T> field, std::string_view part) {
    wanted(field.has_value(), part);
    return *field;
}

std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

struct Space {
    std::uint64_t rank = 0;
    std::uint64_t elements = 1;  // saturated
};

Space check_space(std::string_view message, std::size_t length_width) {
    ByteReader in(message);
    const std::uint64_t version = wanted(in.number(1), "dataspace"), rank = wanted(in.number(1), "dataspace");
    const std::uint64_t flags = wanted(in.number(1), "dataspace");
    wanted(version == 1 || version == 2, "dataspace");
    wanted(in.skip(version == 1 ? 5 : 1) && rank <= H5S_MAX_RANK, "dataspace");
    Space space{rank, 1};
    for (std::uint64_t i = 0; i < rank; ++i)
        if (__builtin_mul_overflow(space.elements, wanted(in.number(length_width), "dataspace"), &space.elements))
            space.elements = UINT64_MAX;
    wanted((flags & 1U) == 0 || in.skip(rank * length_width), "dataspace");
    return space;
}

void check_attribute(std::string_view body, std::size_t length_width) {
    const AttributeParts parts = attribute_parts(body);
    const std::uint64_t size = check_datatype(parts.type);
    const bool null_space = parts.space.size() > 3 && parts.space[0] == 2 && parts.space[3] == 2;
    const Space space = check_space(parts.space, length_width);
    std::uint64_t bytes = 0;
    wanted(!__builtin_mul_overflow(size, space.elements, &bytes) && (null_space || bytes <= parts.elements.size()),
           "attribute");
}

constexpr std::uint64_t compact = 0, chunked = 2;

/// What a data layout message says.
struct LayoutMessage {
    std::uint64_t version = 0;
    std::uint64_t kind = 0;
    std::uint64_t address = 0;         // of the elements or the index of chunks; not in version 4
    std::vector<std::uint64_t> chunk;  // dimensions, the element size last
};

LayoutMessage read_layout(std::string_view body, std::size_t address_width) {
    ByteReader in(body);
    const auto number = [&](std::size_t width) { return wanted(in.number(width), "data layout"); };
    LayoutMessage layout;
    layout.version = number(1);
    wanted(layout.version >= 1 && layout.version <= 4, "data layout");
    std::uint64_t rank = layout.version < 3 ? number(1) : 0;
    layout.kind = number(1);
    if (layout.version < 3) in.skip(5);
    if (layout.version > 3 && layout.kind == chunked) in.skip(1);  // flags
    if (layout.version >= 3 && layout.kind == chunked) rank = number(1);
    if (layout.version < 4 && layout.kind != compact) layout.address = number(address_width);
    if (layout.kind != chunked) return layout;
    const std::size_t width = layout.version > 3 ? number(1) : 4;
    wanted(rank > 1 && rank <= H5S_MAX_RANK + 1 && width >= 1 && width <= 8, "data layout");
    for (std::uint64_t i = 0; i < rank; ++i) {
        layout.chunk.push_back(number(width));
        wanted(layout.chunk.back() > 0, "data layout");
    }
    return layout;
}

/// Addresses of fractal heaps and B-trees; undefined or in the file.
void check_addresses(const File& file, ByteReader in, std::size_t count) {
    const std::size_t width = file.impl().layout.address;
    const std::uint64_t undefined = width >= 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * width)) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t address = wanted(in.number(width), "index");
        wanted(address == undefined || address < file.impl().size, "index");
    }
}

// Version, flags, the greatest creation index if it is tracked, then addresses: one more if creation order is indexed.
void check_info(const File& file, std::string_view body, std::size_t creation_index) {
    ByteReader in(body);
    in.skip(1);
    const std::uint64_t flags = wanted(in.number(1), "index");
    if ((flags & 1U) != 0) in.skip(creation_index);
    check_addresses(file, in, (flags & 2U) != 0 ? 3 : 2);
}

void check_group(const File& file, std::string_view body) {
    ByteReader in(body);
    const std::size_t width = file.impl().layout.address;
    const std::uint64_t tree = wanted(in.number(width), "group"), heap = wanted(in.number(width), "group");
    check_symbol_table(file, tree, heap);
}

/// The number of filters.
std::uint64_t check_filters(std::string_view body) {
    ByteReader in(body);
    const auto number = [&](std::size_t width) { return wanted(in.number(width), "filter pipeline"); };
    const std::uint64_t version = number(1), filters = number(1);
    if (version == 1) in.skip(6);
    for (std::uint64_t i = 0; i < filters; ++i) {
        const std::uint64_t id = number(2);
        const std::size_t name = version == 1 || id >= 256 ? number(2) : 0;
        in.skip(2);  // flags
        const std::size_t values = number(2);
        wanted(in.skip(name) && in.skip(4 * values), "filter pipeline");
        if (version == 1 && values % 2 != 0) in.skip(4);
    }
    return filters;
}

void check_fill_value(std::string_view body, bool old) {
    ByteReader in(body);
    const auto number = [&](std::size_t width) { return wanted(in.number(width), "fill value"); };
    if (!old) {
        const std::uint64_t version = number(1);
        if (version < 3) in.skip(2);
        const std::uint64_t flags = number(1);
        if (version == 2 ? flags == 0 : version > 2 && (flags & 0x20U) == 0) return;
    }
    const std::uint64_t size = number(4);
    wanted(static_cast<std::int32_t>(size) < 0 || in.skip(size), "fill value");  // negative: undefined
}

/// Checks the messages of one object one by one, then what they say together.
class HeaderCheck {
public:
    explicit HeaderCheck(const File& file) : file_(file), widths_(file.impl().layout) {}

    void run(std::uint64_t address) {
        for_each_message(file_, address, [&](const Message& message) { check(message); });
        if (layout_.kind == chunked && !layout_.chunk.empty()) check_chunking();
    }

private:
    void check(const Message& message) {
        if ((message.flags & shared_flag) != 0) fail(Code::unsupported, "shared header messages or a named type");
        switch (message.type) {
            case Message::dataspace: rank_ = check_space(message.body, widths_.length).rank; break;
            case Message::datatype: element_ = check_datatype(message.body); break;
            case Message::old_fill_value: check_fill_value(message.body, true); break;
            case Message::fill_value: check_fill_value(message.body, false); break;
            case Message::external_files: fail(Code::refused, "a dataset whose elements lie in other files");
            case Message::layout: layout_ = read_layout(message.body, widths_.address); break;
            case Message::filters: filters_ = check_filters(message.body); break;
            case Message::attribute: check_attribute(message.body, widths_.length); break;
            case Message::symbol_table: check_group(file_, message.body); break;
            case Message::link_info: check_info(file_, message.body, 8); break;
            case Message::attribute_info: check_info(file_, message.body, 2); break;
            default: break;
        }
    }

    void check_chunking() const {
        wanted(layout_.chunk.size() == rank_ + 1 && layout_.chunk.back() == element_, "data layout");
        if (layout_.version > 3 || layout_.address == UINT64_MAX) return;  // another index; or no chunk is stored
        std::uint64_t bytes = 1;
        for (const std::uint64_t dim : layout_.chunk)
            if (__builtin_mul_overflow(bytes, dim, &bytes))
                fail(Code::refused, "chunks of more bytes than 64 bits count");
        check_chunk_tree(file_, layout_.address, layout_.chunk.size(), filters_ > 0 ? 0 : bytes);
    }

    const File& file_;
    const AddressLayout& widths_;
    LayoutMessage layout_;
    std::uint64_t rank_ = 0, element_ = 0, filters_ = 0;
};

}  // namespace

AttributeParts attribute_parts(std::string_view body) {
    ByteReader in(body);
    const auto number = [&](std::size_t width) { return wanted(in.number(width), "attribute"); };
    const std::uint64_t version = number(1), flags = number(1);
    wanted(version >= 1 && version <= 3, "attribute");
    if (version > 1 && (flags & 3U) != 0) fail(Code::unsupported, "an attribute of a named type");
    const std::size_t name = number(2), type = number(2), space = number(2);
    if (version == 3) in.skip(1);
    const auto part = [&](std::size_t size) {
        const std::string_view whole = wanted(in.take(version == 1 ? padded(size) : size), "attribute");
        return whole.substr(0, size);
    };
    AttributeParts parts;
    parts.name = part(name);
    wanted(parts.name.find('\0') != std::string_view::npos, "attribute");
    parts.name = parts.name.substr(0, parts.name.find('\0'));
    parts.type = part(type);
    parts.space = part(space);
    parts.elements = *in.take(in.left());
    return parts;
}

void check_header(const File& file, std::uint64_t address) { HeaderCheck(file).run(address); }

}  // namespace layerctl::formats::h5
