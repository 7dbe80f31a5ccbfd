// Positions of extremes.
#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {
namespace {

constexpr std::string_view tf_signature = "x|input axis|dimension=0 output_type=int64 !keepdims=false";
constexpr std::string_view keras3_signature = "x axis=null keepdims=false";

DType index_dtype(const Arguments& a) {
    if (!a.keras3() || a.dtype("x") != DType::boolean) number_dtype(a);
    return a.keras3() ? DType::int32 : a.dtype_named("output_type");
}

/// Keras 3 takes a negative zero for less than zero.
template <class T>
bool precedes(T l, T r, bool signed_zeros) {
    if constexpr (std::is_floating_point_v<T>)
        if (signed_zeros && l == 0 && r == 0) return std::signbit(l) && !std::signbit(r);
    return l < r;
}

// The first of equal elements, and the first NaN before any number.
template <class T>
std::int64_t first_best(const T* first, std::int64_t n, bool largest, bool signed_zeros) {
    if (n == 0) fail(Code::input, "the position of the extremum of nothing");
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < n && !is_nan(first[best]); ++i)
        if (is_nan(first[i]) || (largest ? precedes(first[best], first[i], signed_zeros)
                                         : precedes(first[i], first[best], signed_zeros)))
            best = i;
    return best;
}

/// The same among the elements that are numbers; -1 if there is none.
template <class T>
std::int64_t first_best_number(const T* first, std::int64_t n, bool largest) {
    std::int64_t best = -1;
    for (std::int64_t i = 0; i < n; ++i)
        if (!is_nan(first[i]) &&
            (best < 0 || (largest ? precedes(first[best], first[i], true) : precedes(first[i], first[best], true))))
            best = i;
    return best;
}

template <class F>
Op position(Names tf, Names keras3, std::string_view signature, F f) {
    return {std::move(tf), std::move(keras3), signature, reduced_shape, index_dtype, [f](const Arguments& a) -> Tensors {
                const DType own = a.dtype("x");
                const Tensor x = x_as(a, own == DType::boolean ? DType::uint8 : own);
                Tensor y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
                    y = reduced<T>(a, x, [&](const T* first, std::int64_t n) { return f(first, n, a.keras3()); });
                });
                return {y.cast(index_dtype(a))};
            }};
}

}  // namespace

const OpList& extreme_ops() {
    const auto best = [](bool largest) {
        return [largest](const auto* first, std::int64_t n, bool keras3) { return first_best(first, n, largest, keras3); };
    };
    const auto best_number = [](bool largest) {
        return [largest](const auto* first, std::int64_t n, bool) { return first_best_number(first, n, largest); };
    };
    static const OpList ops = {
        position({"math.argmax", "argmax"}, {}, tf_signature, best(true)),
        position({"math.argmin", "argmin"}, {}, tf_signature, best(false)),
        position({}, {"Argmax"}, keras3_signature, best(true)),
        position({}, {"Argmin"}, keras3_signature, best(false)),
        position({}, {"Nanargmax"}, keras3_signature, best_number(true)),
        position({}, {"Nanargmin"}, keras3_signature, best_number(false)),
    };
    return ops;
}

}  // namespace layerctl::ops
