// Arithmetic that wraps around as TensorFlow's integers do, for integers and floats alike.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "models/error.hpp"

namespace layerctl::ops {

/// Two's complement for integers.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, T, std::uint64_t>;

struct Plus {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) + static_cast<Wide<T>>(r));
    }
};
struct Minus {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) - static_cast<Wide<T>>(r));
    }
};
struct Times {
    template <class T>
    T operator()(T l, T r) const {
        return static_cast<T>(static_cast<Wide<T>>(l) * static_cast<Wide<T>>(r));
    }
};

template <class T>
void require_divisor(T divisor) {
    if constexpr (std::is_integral_v<T>)
        if (divisor == 0) fail(Code::input, "an integer is divided by zero");
}

/// Rounded toward zero; no number is too small for it.
struct Quotient {
    template <class T>
    T operator()(T l, T r) const {
        require_divisor(r);
        if constexpr (std::is_floating_point_v<T>) return std::trunc(l / r);
        else if constexpr (std::is_signed_v<T>) return r == -1 ? Minus{}(T{0}, l) : static_cast<T>(l / r);
        else return static_cast<T>(l / r);
    }
};

/// What is left of it: the sign of the dividend.
struct Remainder {
    template <class T>
    T operator()(T l, T r) const {
        require_divisor(r);
        if constexpr (std::is_floating_point_v<T>) return std::fmod(l, r);
        else if constexpr (std::is_signed_v<T>) return r == -1 ? T{0} : static_cast<T>(l % r);
        else return static_cast<T>(l % r);
    }
};

/// Python's %: the sign of the divisor.
struct FloorMod {
    template <class T>
    T operator()(T l, T r) const {
        const T rest = Remainder{}(l, r);
        if constexpr (std::is_unsigned_v<T>) return rest;
        else return static_cast<T>(rest != 0 && (rest < 0) != (r < 0) ? rest + r : rest);
    }
};

/// Python's //.
struct FloorDivide {
    template <class T>
    T operator()(T l, T r) const {
        if constexpr (std::is_floating_point_v<T>) {
            return std::floor(l / r);
        } else {
            const T quotient = Quotient{}(l, r);
            if constexpr (std::is_unsigned_v<T>) return quotient;
            else return static_cast<T>(Remainder{}(l, r) != 0 && (l < 0) != (r < 0) ? quotient - 1 : quotient);
        }
    }
};

template <class T>
bool is_nan(T value) {
    if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
    else return false;
}

struct Largest {  // NaN wins
    template <class T>
    T operator()(T l, T r) const {
        return is_nan(l) || l > r ? l : r;
    }
};
struct Smallest {
    template <class T>
    T operator()(T l, T r) const {
        return is_nan(l) || l < r ? l : r;
    }
};

}  // namespace layerctl::ops
