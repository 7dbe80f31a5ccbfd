// Numeric datasets of an HDF5 file.
#pragma once

#include <optional>
#include <string_view>

#include "formats/h5/file.hpp"

namespace layerctl::formats::h5 {

struct ArrayInfo {
    DType dtype = DType::float32;
    Shape shape;
    std::optional<std::uint64_t> place =
        {};  // in the file, where it holds the elements in one piece as memory has them
};

/// What a dataset holds. Everything that would make reading it unsafe or impossible is found here: Code::refused for
/// storage outside the file or a size its bytes cannot have, Code::format for a damaged one, Code::unsupported for
/// types that are no numbers and for unknown filters.
ArrayInfo array_info(const File& file, std::string_view path);

/// The same checks for an array that is copied without looking at its elements: these may be of any type that holds all
/// of its bytes; others are Code::unsupported.
void check_array(const File& file, std::string_view path);

/// The elements, in the byte order of this machine; checked as above before memory is taken.
Tensor read_array(const File& file, std::string_view path);

/// The same of an array of which `array_info` said that.
Tensor read_array(const File& file, std::string_view path, const ArrayInfo& info);

/// The same as pages of the file, if they have a place there; else read. Small ones are read.
Tensor map_array(const File& file, std::string_view path, const ArrayInfo& info);

}  // namespace layerctl::formats::h5
