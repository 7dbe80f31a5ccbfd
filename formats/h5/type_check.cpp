// HDF5 file format, section IV.A.2.d: does a datatype message stay within itself?
#include "formats/bytes.hpp"
#include "formats/h5/object_header.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t max_type_depth = 8;

std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

/// A datatype message: class and version, three bytes of class bits, size, properties of the class.
class TypeCheck {
public:
    explicit TypeCheck(std::string_view message) : in_(message) {}

    /// Checks the type that comes next and moves past it; returns the size of its elements.
    std::uint64_t run(std::size_t depth = 0) {
        wanted(depth < max_type_depth);
        const std::uint64_t head = number(1), bits = number(3), size = number(4), version = head >> 4U;
        wanted(version >= 1 && version <= 3 && size > 0);
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
            case 9: elsewhere(bits & 0x0fU, depth); break;
            case 10: array(version, depth); break;
            default: fail(Code::format, "damaged datatype: class ", head & 0x0fU, " does not exist");
        }
        return size;
    }

private:
    static void wanted(bool condition) {
        if (!condition) fail(Code::format, "damaged datatype in an object header");
    }

    std::uint64_t number(std::size_t width) {
        const auto value = in_.number(width);
        wanted(value.has_value());
        return *value;
    }
    void skip(std::size_t count) { wanted(in_.skip(count)); }

    void integer(std::uint64_t size) {
        const std::uint64_t offset = number(2), precision = number(2);
        wanted(precision > 0 && offset + precision <= size * 8);
    }

    void floating(std::uint64_t size, std::uint64_t bits) {
        const std::uint64_t offset = number(2), precision = number(2);
        const std::uint64_t exponent = number(1), exponent_bits = number(1), mantissa = number(1),
                            mantissa_bits = number(1);
        skip(4);
        wanted(precision > 0 && offset + precision <= size * 8);
        wanted(exponent_bits > 0 && exponent + exponent_bits <= precision);
        wanted(mantissa_bits > 0 && mantissa + mantissa_bits <= precision && (bits >> 8U & 0xffU) < precision);
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
            wanted(offset + member <= size);
        }
    }

    void enumeration(std::uint64_t members, std::uint64_t version, std::size_t depth) {
        const std::uint64_t size = run(depth + 1);
        for (std::uint64_t i = 0; i < members; ++i) name(version);
        for (std::uint64_t i = 0; i < members; ++i) skip(size);
    }

    /// A sequence, or a string, whose characters HDF5 takes for bytes in one place and for elements in another.
    void elsewhere(std::uint64_t kind, std::size_t depth) {
        constexpr std::uint64_t string = 1;
        const std::uint64_t element = run(depth + 1);
        wanted(kind != string || element == 1);
    }

    void array(std::uint64_t version, std::size_t depth) {
        const std::uint64_t rank = number(1);
        if (version < 3) skip(3);
        wanted(rank <= H5S_MAX_RANK);
        skip(rank * (version < 3 ? 8 : 4));
        run(depth + 1);
    }

    ByteReader in_;
};

}  // namespace

std::uint64_t check_datatype(std::string_view message) { return TypeCheck(message).run(); }

}  // namespace layerctl::formats::h5
