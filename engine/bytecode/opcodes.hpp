// The instruction sets of CPython: numbers, names and inline caches of the versions whose functions are read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace layerctl::bytecode {

/// In their order, so that they can be compared.
enum class Python { v2_7, v3_5, v3_6, v3_7, v3_8, v3_9, v3_10, v3_11, v3_12, v3_13, v3_14, v3_15 };

inline constexpr std::array pythons = {Python::v2_7,  Python::v3_5,  Python::v3_6,  Python::v3_7,
                                       Python::v3_8,  Python::v3_9,  Python::v3_10, Python::v3_11,
                                       Python::v3_12, Python::v3_13, Python::v3_14, Python::v3_15};

/// "3.12"
std::string_view name_of(Python version);

/// The instruction of that number; empty if the version has none.
std::string_view opcode_name(Python version, std::uint8_t number);

/// How many units of two bytes follow the instruction for CPython's own use, all zero in a file.
std::size_t inline_caches(Python version, std::string_view name);

}  // namespace layerctl::bytecode
