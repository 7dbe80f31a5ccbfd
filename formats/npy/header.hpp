// The header of an .npy file: numpy's literal dict of descr, fortran_order and shape.
#pragma once

#include <string>
#include <string_view>

#include "models/dtype.hpp"
#include "models/shape.hpp"

namespace layerctl::formats {

/// How the elements behind an npy header are stored.
struct NpyHeader {
    enum class Text { none, bytes, unicode };

    DType dtype = DType::float32;
    Text text = Text::none;
    std::size_t item_size = 0;  // bytes of one stored element
    bool big_endian = false;
    bool fortran_order = false;
    Shape shape;
};

/// Reads the dict. It is a literal: nothing in it is evaluated.
NpyHeader parse_npy_header(std::string_view dict);

/// "<f4", "|b1": how numpy names little-endian numbers of a dtype.
std::string npy_descr(DType dtype);

}  // namespace layerctl::formats
