// Object headers of an HDF5 file, read from its bytes: what HDF5 1.10 must be kept from reading unchecked.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

using MessageVisitor = std::function<void(std::uint64_t type, std::string_view body)>;

/// Calls `visit` on the messages of the object whose header is at `address`, as HDF5 reports it.
void for_each_message(const File& file, std::uint64_t address, const MessageVisitor& visit);

/// Code::format if the header of a dataset would crash HDF5 on opening: it divides by chunk dimensions.
void check_dataset_header(const File& file, std::uint64_t address);

}  // namespace layerctl::formats::h5
