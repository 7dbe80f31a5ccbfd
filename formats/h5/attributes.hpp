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

/// An attribute as its header describes it.
struct AttributeInfo {
    std::string name;
    std::string type;  // "string", "float64", or what HDF5 calls it
    Shape shape;
};

/// The attributes of a group, by name.
std::vector<AttributeInfo> list_attributes(const File& file, std::string_view group);

/// What one of them holds: its strings or numbers, one per line. Other types are Code::unsupported.
std::string attribute_text(const File& file, std::string_view group, const std::string& name);

}  // namespace layerctl::formats::h5
