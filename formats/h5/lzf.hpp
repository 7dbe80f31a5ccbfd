// LZF, a filter of h5py that HDF5 does not bring along.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/h5/hdf5.hpp"

namespace layerctl::formats::h5 {

/// Registered with the HDF Group by h5py.
inline constexpr H5Z_filter_t lzf_filter = 32000;

/// The unpacked bytes, at most that many; nothing if the stream is damaged or longer.
std::optional<std::string> lzf_unpacked(std::string_view packed, std::size_t most);

/// Makes HDF5 read arrays packed with LZF, once per process; a filter of that number which is there already stays.
void register_lzf();

}  // namespace layerctl::formats::h5
