// Object headers of an HDF5 file, read from its bytes: what HDF5 1.10 must be kept from reading unchecked.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// One message of an object header; the numbers are those of the file format.
struct Message {
    enum Type : std::uint64_t {
        dataspace = 0x01,
        link_info = 0x02,
        datatype = 0x03,
        old_fill_value = 0x04,
        fill_value = 0x05,
        external_files = 0x07,
        layout = 0x08,
        filters = 0x0b,
        attribute = 0x0c,
        continuation = 0x10,
        symbol_table = 0x11,
        attribute_info = 0x15,
    };

    std::uint64_t type;
    std::uint64_t flags;
    std::string_view body;
};

using MessageVisitor = std::function<void(const Message& message)>;

/// Calls `visit` on the messages of the object whose header is at `address`, as HDF5 reports it.
void for_each_message(const File& file, std::uint64_t address, const MessageVisitor& visit);

/// The parts of an attribute message, each within it.
struct AttributeParts {
    std::string_view name, type, space, elements;
};
AttributeParts attribute_parts(std::string_view body);

/// Checks a datatype message, which HDF5 1.10 reads without looking at its end; returns the size of an element.
std::uint64_t check_datatype(std::string_view message);

/// Checks an object before HDF5 opens it: HDF5 1.10 reads beyond messages whose sizes lie, and divides by chunk
/// dimensions of 0. Code::format for a damaged header, Code::unsupported for parts no Keras file has.
void check_header(const File& file, std::uint64_t address);

}  // namespace layerctl::formats::h5
