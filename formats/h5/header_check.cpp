// HDF5 file format, section IV.A.2: are the messages of an object header what they claim to be?
#include <algorithm>
#include <optional>

#include "formats/bytes.hpp"
#include "formats/h5/object_header.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::uint64_t shared_flag = 0x02;
constexpr std::size_t max_type_depth = 8;

void wanted(bool condition, std::string_view part) {
    if (!condition) fail(Code::format, "damaged ", part, " in an object header");
}

template <class T>
T wanted(std::optional<T> field, std::string_view part) {
    wanted(field.has_value(), part);
    return *field;
}

std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

/// A datatype message: class and version, three bytes of class bits, size, properties of the class.
class TypeCheck {
public:
    explicit TypeCheck(std::string_view message) : in_(message) {}

    /// Checks the type that comes next and moves past it; returns the size of its elements.
    std::uint64_t run(std::size_t depth = 0) {
        wanted(depth < max_type_depth, part);
        const std::uint64_t head = number(1), bits = number(3), size = number(4), version = head >> 4U;
        wanted(version >= 1 && version <= 3 && size > 0, part);
        switch (head & 0x0fU) {
            case 0:
            case 4: integer(size); break;
            case 1: floating(size, bits); break;
            case 2: skip(2); break;
            case 3:
            case 7: break;
            case 5: skip(bits & 0xffU); break;
            case 6: compound(bits & 0xffffU, version, size, depth); break;
            case 8: enumeration(bits & 0xffffU, version, depth); break;
            case 9: run(depth + 1); break;
            case 10: array(version, depth); break;
            default: fail(Code::format, "damaged datatype: class ", head & 0x0fU, " does not exist");
        }
        return size;
    }

private:
    static constexpr std::string_view part = "datatype";

    std::uint64_t number(std::size_t width) { return wanted(in_.number(width), part); }
    void skip(std::size_t count) { wanted(in_.skip(count), part); }

    void integer(std::uint64_t size) {
        const std::uint64_t offset = number(2), precision = number(2);
        wanted(precision > 0 && offset + precision <= size * 8, part);
    }

    void floating(std::uint64_t size, std::uint64_t bits) {
        const std::uint64_t offset = number(2), precision = number(2);
        const std::uint64_t exponent = number(1), exponent_bits = number(1), mantissa = number(1),
                            mantissa_bits = number(1);
        skip(4);
        wanted(precision > 0 && offset + precision <= size * 8, part);
        wanted(exponent_bits > 0 && exponent + exponent_bits <= precision, part);
        wanted(mantissa_bits > 0 && mantissa + mantissa_bits <= precision && (bits >> 8U & 0xffU) < precision, part);
    }

    void name(std::uint64_t version) {
        std::size_t length = 1;
        while (number(1) != 0) ++length;
        if (version < 3) skip(padded(length) - length);
    }

    void compound(std::uint64_t members, std::uint64_t version, std::uint64_t size, std::size_t depth) {
        std::size_t width = 1;  // of an offset in version 3
        while (width < 4 && size >> (8 * width) != 0) ++width;
        for (std::uint64_t i = 0; i < members; ++i) {
            name(version);
            const std::uint64_t offset = number(version < 3 ? 4 : width);
            if (version == 1) skip(28);
            const std::uint64_t member = run(depth + 1);
            wanted(offset + member <= size, part);
        }
    }

    void enumeration(std::uint64_t members, std::uint64_t version, std::size_t depth) {
        const std::uint64_t size = run(depth + 1);
        for (std::uint64_t i = 0; i < members; ++i) name(version);
        for (std::uint64_t i = 0; i < members; ++i) skip(size);
    }

    void array(std::uint64_t version, std::size_t depth) {
        const std::uint64_t rank = number(1);
        if (version < 3) skip(3);
        wanted(rank <= H5S_MAX_RANK, part);
        skip(rank * (version < 3 ? 8 : 4));
        run(depth + 1);
    }

    ByteReader in_;
};

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
    const std::uint64_t size = TypeCheck(parts.type).run();
    const bool null_space = parts.space.size() > 3 && parts.space[0] == 2 && parts.space[3] == 2;
    const Space space = check_space(parts.space, length_width);
    std::uint64_t bytes = 0;
    wanted(!__builtin_mul_overflow(size, space.elements, &bytes) && (null_space || bytes <= parts.elements.size()),
           "attribute");
}

constexpr std::uint64_t chunked = 2;

/// The number of chunk dimensions, that of the element size included; 0 if the layout is another.
std::uint64_t check_layout(std::string_view body, std::size_t address_width) {
    ByteReader in(body);
    const auto number = [&](std::size_t width) { return wanted(in.number(width), "data layout"); };
    const std::uint64_t version = number(1);
    std::uint64_t rank = version < 3 ? number(1) : 0;
    if (number(1) != chunked) return 0;
    if (version < 3) in.skip(5 + address_width);
    if (version > 3) in.skip(1);  // flags
    if (version >= 3) rank = number(1);
    if (version == 3) in.skip(address_width);
    const std::size_t width = version > 3 ? number(1) : 4;
    wanted(rank > 1 && rank <= H5S_MAX_RANK + 1 && width >= 1 && width <= 8, "data layout");
    for (std::uint64_t i = 0; i < rank; ++i) wanted(number(width) > 0, "data layout");
    return rank;
}

void check_filters(std::string_view body) {
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

void check_header(const File& file, std::uint64_t address) {
    const AddressLayout& layout = file.impl().layout;
    std::uint64_t rank = 0, layout_rank = 0;
    for_each_message(file, address, [&](const Message& message) {
        if ((message.flags & shared_flag) != 0) fail(Code::unsupported, "shared header messages or a named type");
        switch (message.type) {
            case Message::dataspace: rank = check_space(message.body, layout.length).rank; break;
            case Message::datatype: TypeCheck(message.body).run(); break;
            case Message::old_fill_value: check_fill_value(message.body, true); break;
            case Message::fill_value: check_fill_value(message.body, false); break;
            case Message::external_files: fail(Code::refused, "a dataset whose elements lie in other files");
            case Message::layout: layout_rank = check_layout(message.body, layout.address); break;
            case Message::filters: check_filters(message.body); break;
            case Message::attribute: check_attribute(message.body, layout.length); break;
            default: break;
        }
    });
    wanted(layout_rank == 0 || layout_rank == rank + 1, "data layout");
}

}  // namespace layerctl::formats::h5
