// Raw arrays that a text beside them describes, and weights told apart by their names alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/value.hpp"
#include "models/weight_store.hpp"

namespace layerctl::formats {

/// A shape from the list of counts an object has under "shape". Anything else is Code::format.
Shape shape_member(const Value& object);

/// Of the elements; an overflow is Code::refused.
std::uint64_t array_bytes(DType dtype, const Shape& shape);

/// Little-endian numbers, exactly as many bytes as the shape takes.
Tensor array_of_bytes(DType dtype, const Shape& shape, std::string_view bytes);

/// Code::weights if two have the same name.
WeightStore store_of_names(std::vector<StoredWeight> arrays);

}  // namespace layerctl::formats
