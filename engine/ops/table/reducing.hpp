// One number from all elements along some axes: the axes, the shape, and what may be made of a row.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {

inline constexpr std::string_view reduction_signature =
    "x|input_tensor axis|reduction_indices=null keepdims|keep_dims=false";

/// The shape of x without the axes of argument "axis", or with ones in their place if "keepdims" says so.
Shapes reduced_shape(const Arguments& arguments);

/// x with the axes of argument "axis" moved behind the others, where a row is what they hold.
struct Rows {
    Tensor elements;
    std::int64_t size;
};
Rows rows_along_axes(const Arguments& arguments, const Tensor& x);

/// `f(first, n)` of every row along the reduced axes.
template <class T, class F>
Tensor reduced(const Arguments& a, const Tensor& x, F f) {
    using R = decltype(f(static_cast<const T*>(nullptr), std::int64_t{}));
    const Rows rows = rows_along_axes(a, x);
    Tensor y = Tensor::uninitialized(dtype_of<R>, reduced_shape(a).front());
    const T* from = rows.elements.values<T>().data();
    for (R& value : y.mutable_values<R>()) {
        value = f(from, rows.size);
        from += rows.size;
    }
    return y;
}

/// Sums of floats in float64, of integers modulo 2^64.
template <class T>
using Total = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;

template <class T>
Total<T> total(const T* first, std::int64_t n) {
    Total<T> sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<Total<T>>(first[i]);
    return sum;
}

struct Sum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(total(first, n));
    }
};

struct Mean {  // integers truncate
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        if constexpr (std::is_floating_point_v<T>) return static_cast<T>(total(first, n) / static_cast<double>(n));
        else {
            if (n == 0) fail(Code::input, "the mean of no integers");
            return static_cast<T>(static_cast<T>(total(first, n)) / static_cast<T>(n));
        }
    }
};

struct Product {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        Total<T> product = 1;
        for (std::int64_t i = 0; i < n; ++i) product *= static_cast<Total<T>>(first[i]);
        return static_cast<T>(product);
    }
};

template <class T>
T lowest() {
    return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
T highest() {
    return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

struct Maximum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        T best = lowest<T>();
        for (std::int64_t i = 0; i < n && !is_nan(best); ++i)
            if (first[i] > best || is_nan(first[i])) best = first[i];
        return best;
    }
};

struct Minimum {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        T best = highest<T>();
        for (std::int64_t i = 0; i < n && !is_nan(best); ++i)
            if (first[i] < best || is_nan(first[i])) best = first[i];
        return best;
    }
};

double variance(const auto* first, std::int64_t n) {
    const double mean = static_cast<double>(total(first, n)) / static_cast<double>(n);
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) squares += (first[i] - mean) * (first[i] - mean);
    return squares / static_cast<double>(n);
}

struct Variance {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(variance(first, n));
    }
};

struct Deviation {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(std::sqrt(variance(first, n)));
    }
};

/// Keras 3 adds and multiplies small integers as int32 or uint32.
DType total_dtype(const Arguments& arguments);

/// An entry that reduces numbers of dtype `rule`.
template <class F>
Op reduction(Names tf, Names keras3, std::string_view signature, DTypeOf rule, F f) {
    return {std::move(tf), std::move(keras3), signature, reduced_shape, rule, [rule, f](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, rule(a));
                Tensor y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                    y = reduced<T>(a, x, [&](const T* first, std::int64_t n) { return f(first, n); });
                });
                return {y};
            }};
}

/// The same for floats alone.
template <class F>
Op float_reduction(Names tf, Names keras3, std::string_view signature, F f, DTypeOf rule = float_dtype) {
    return {std::move(tf), std::move(keras3), signature, reduced_shape, rule, [rule, f](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, carried(rule(a)));
                return with_float(x.dtype(), [&]<class T>(Type<T>) {
                    return Tensors{reduced<T>(a, x, [&](const T* first, std::int64_t n) { return f(first, n); })};
                });
            }};
}

}  // namespace layerctl::ops
