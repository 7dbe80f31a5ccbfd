// Element types of tensors, under the names numpy and Keras give them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string_view>

namespace layerctl {

enum class DType {
    float16,
    bfloat16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    boolean,  // "bool", one byte, 0 or 1
    string,   // UTF-8 or any bytes, one std::string per element
};

/// "float32", "bool", …
std::string_view dtype_name(DType dtype);

/// The dtype of that name, or nothing.
std::optional<DType> parse_dtype(std::string_view name);

/// Bytes per element; 0 for strings.
std::size_t dtype_size(DType dtype);

bool is_floating(DType dtype);
bool is_integer(DType dtype);

std::ostream& operator<<(std::ostream& out, DType dtype);

/// IEEE 754 binary16, as stored. Convert with `to_float` and `to_float16` (round to nearest even).
struct float16 {
    std::uint16_t bits;
};

/// The upper half of a float32, as stored. Convert with `to_float` and `to_bfloat16` (round to nearest even).
struct bfloat16 {
    std::uint16_t bits;
};

float to_float(float16 value);
float to_float(bfloat16 value);
float16 to_float16(float value);
bfloat16 to_bfloat16(float value);

/// The DType that holds C++ type T.
template <class T>
inline constexpr DType dtype_of = [] { static_assert(sizeof(T) == 0, "no DType holds this type"); }();
template <>
inline constexpr DType dtype_of<float16> = DType::float16;
template <>
inline constexpr DType dtype_of<bfloat16> = DType::bfloat16;
template <>
inline constexpr DType dtype_of<float> = DType::float32;
template <>
inline constexpr DType dtype_of<double> = DType::float64;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::int8;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::int16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::int32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::int64;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::uint8;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::uint16;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::uint32;
template <>
inline constexpr DType dtype_of<std::uint64_t> = DType::uint64;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;

}  // namespace layerctl
