#include "models/dtype.hpp"

#include <array>
#include <bit>
#include <ostream>

namespace layerctl {
namespace {

struct DTypeRow {
    DType dtype;
    std::string_view name;
    std::size_t size;
    bool floating;
    bool integer;
};

constexpr std::array<DTypeRow, 14> dtype_rows = {{
    {DType::float16, "float16", 2, true, false},
    {DType::bfloat16, "bfloat16", 2, true, false},
    {DType::float32, "float32", 4, true, false},
    {DType::float64, "float64", 8, true, false},
    {DType::int8, "int8", 1, false, true},
    {DType::int16, "int16", 2, false, true},
    {DType::int32, "int32", 4, false, true},
    {DType::int64, "int64", 8, false, true},
    {DType::uint8, "uint8", 1, false, true},
    {DType::uint16, "uint16", 2, false, true},
    {DType::uint32, "uint32", 4, false, true},
    {DType::uint64, "uint64", 8, false, true},
    {DType::boolean, "bool", 1, false, false},
    {DType::string, "string", 0, false, false},
}};

const DTypeRow& row(DType dtype) { return dtype_rows[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::string_view dtype_name(DType dtype) { return row(dtype).name; }

std::optional<DType> parse_dtype(std::string_view name) {
    for (const DTypeRow& candidate : dtype_rows)
        if (candidate.name == name) return candidate.dtype;
    return std::nullopt;
}

std::size_t dtype_size(DType dtype) { return row(dtype).size; }
bool is_floating(DType dtype) { return row(dtype).floating; }
bool is_integer(DType dtype) { return row(dtype).integer; }

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << dtype_name(dtype); }

float to_float(bfloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16); }

bfloat16 to_bfloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffU) > 0x7f800000U) return {static_cast<std::uint16_t>((bits >> 16) | 0x40U)};
    const std::uint32_t rounding = 0x7fffU + ((bits >> 16) & 1U);
    return {static_cast<std::uint16_t>((bits + rounding) >> 16)};
}

float to_float(float16 value) {
    const std::uint32_t sign = (value.bits & 0x8000U) << 16;
    const std::uint32_t exponent = (value.bits >> 10) & 0x1fU;
    const std::uint32_t mantissa = value.bits & 0x3ffU;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000U | (mantissa << 13));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112U) << 23) | (mantissa << 13));
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
}

float16 to_float16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
    const std::uint32_t magnitude = bits & 0x7fffffffU;
    const auto with_sign = [sign](std::uint32_t half) { return float16{static_cast<std::uint16_t>(sign | half)}; };
    if (magnitude > 0x7f800000U) return with_sign(0x7e00U | ((magnitude >> 13) & 0x3ffU));
    if (magnitude >= 0x477ff000U) return with_sign(0x7c00U);  // rounds beyond 65504
    if (magnitude < 0x38800000U) {                            // subnormal: units of 2^-24
        const float units = std::bit_cast<float>(magnitude) * 0x1p24F;
        const float rounded = (units + 0x1p23F) - 0x1p23F;
        return with_sign(static_cast<std::uint32_t>(rounded));
    }
    const std::uint32_t rounding = 0xfffU + ((magnitude >> 13) & 1U);
    return with_sign((magnitude + rounding - 0x38000000U) >> 13);
}

}  // namespace layerctl
