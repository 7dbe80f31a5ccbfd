// Attributes of HDF5 groups: strings and lists of strings in every encoding Keras and h5py have used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/h5/file.hpp"

namespace layerctl::formats::h5 {

/// The group has an attribute of that name, or, as a list in pieces, of that name + "0".
bool has_attribute(const File& file, std::string_view group, const std::string& name);

/// A string attribute, scalar or of one element; nothing if it is absent.
std::optional<std::string> read_text(const File& file, std::string_view group, const std::string& name);

/// A list of strings; nothing if it is absent. One too long for a single attribute is stored as name0, name1, …
/// An attribute without elements is the empty list whatever its type: Keras stores that as floats.
std::optional<std::vector<std::string>> read_list(const File& file, std::string_view group, const std::string& name);

}  // namespace layerctl::formats::h5
