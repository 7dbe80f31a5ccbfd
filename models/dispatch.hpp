// Turns a run-time DType into a compile-time C++ type.
#pragma once

#include <type_traits>

#include "models/dtype.hpp"
#include "models/error.hpp"

namespace layerctl {

template <class T>
struct Type {
    using type = T;
};

/// Calls `action(Type<T>{})` with the C++ type of a numeric dtype; strings are Code::unsupported.
template <class Action>
decltype(auto) with_numeric(DType dtype, Action&& action) {
    switch (dtype) {
        case DType::float16: return action(Type<float16>{});
        case DType::bfloat16: return action(Type<bfloat16>{});
        case DType::float32: return action(Type<float>{});
        case DType::float64: return action(Type<double>{});
        case DType::int8: return action(Type<std::int8_t>{});
        case DType::int16: return action(Type<std::int16_t>{});
        case DType::int32: return action(Type<std::int32_t>{});
        case DType::int64: return action(Type<std::int64_t>{});
        case DType::uint8: return action(Type<std::uint8_t>{});
        case DType::uint16: return action(Type<std::uint16_t>{});
        case DType::uint32: return action(Type<std::uint32_t>{});
        case DType::uint64: return action(Type<std::uint64_t>{});
        case DType::boolean: return action(Type<bool>{});
        case DType::string: break;
    }
    fail(Code::unsupported, "strings where numbers are wanted");
}

/// The same without half floats, which have no arithmetic, and booleans; those are Code::unsupported.
template <class Action>
void with_arithmetic(DType dtype, Action action) {
    with_numeric(dtype, [&]<class T>(Type<T> type) {
        if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) action(type);
        else fail(Code::unsupported, "arithmetic on ", dtype);
    });
}

/// Calls `action(Type<float>{})` or `action(Type<double>{})`; the engine computes in these two. Others: Code::internal.
template <class Action>
decltype(auto) with_float(DType dtype, Action&& action) {
    if (dtype == DType::float32) return action(Type<float>{});
    if (dtype == DType::float64) return action(Type<double>{});
    fail(Code::internal, "arithmetic in ", dtype_name(dtype), " reached a kernel of float32 and float64");
}

}  // namespace layerctl
