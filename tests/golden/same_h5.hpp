// Do two HDF5 files hold the same? Asked of HDF5 alone.
#pragma once

#include <optional>
#include <string>

namespace layerctl::golden {

/// The first object or attribute that differs, as `h5diff` would tell, and in how it is stored: types, shapes, layout,
/// chunks, filters, order of creation, bytes. Nothing if all are the same. Links that are not hard, which may lead out of a
/// file, must not be in `found`. The arguments are the bytes of the files.
std::optional<std::string> h5_difference(const std::string& wanted, const std::string& found);

}  // namespace layerctl::golden
