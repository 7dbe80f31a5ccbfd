// Running sums and products, differences, integrals.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/lines.hpp"

namespace layerctl::ops {
namespace {

/// Keras 3 makes the dtype it is asked for of x first.
DType running_dtype(const Arguments& a) {
    const DType dtype = a.has("dtype") && a.given("dtype") ? a.dtype_named("dtype") : a.dtype("x");
    if (a.keras3() && dtype == DType::boolean) return DType::int32;
    if (!is_floating(dtype) && !is_integer(dtype)) fail(Code::unsupported, "wanted numbers, found ", dtype);
    return dtype;
}

bool asked(const Arguments& a, std::string_view flag) { return a.has(flag) && a.flag(flag); }

/// `f` over each line from its start, or from its end; exclusive of the element itself if asked.
template <class T, class F>
Tensor accumulated(const Arguments& a, const Tensor& x, T start, F f) {
    const Line line = line_of(a);
    const bool exclusive = asked(a, "exclusive"), reverse = asked(a, "reverse");
    return along_axis<T, T>(x.reshaped(line.shape), line.axis, line.shape[line.axis],
                            [&](const T* from, std::int64_t n, T* to) {
                                T sum = start;
                                for (std::int64_t k = 0; k < n; ++k) {
                                    const std::int64_t i = reverse ? n - 1 - k : k;
                                    const T next = f(sum, from[i]);
                                    to[i] = exclusive ? sum : next;
                                    sum = next;
                                }
                            });
}

template <class F>
Op running(Names tf, Names keras3, std::string_view signature, int start, F f) {
    return {std::move(tf), std::move(keras3), signature, line_shape, running_dtype,
            [start, f](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, a.dtype("x")).cast(carried(running_dtype(a)));
                Tensor y;
                with_arithmetic(x.dtype(), [&]<class T>(Type<T>) { y = accumulated<T>(a, x, static_cast<T>(start), f); });
                return {y};
            }};
}

/// Keras 3.15 puts numbers in the place of NaN and infinities first.
template <class F>
Op running_numbers(Names keras3, int start, F f) {
    Op op = running({}, std::move(keras3), "x axis=null !dtype=null", start, f);
    op.run = [start, f, other = op.run](const Arguments& a) -> Tensors {
        if (!is_floating(a.dtype("x"))) return other(a);
        if (carried(a.dtype("x")) != a.dtype("x")) fail(Code::unsupported, "running numbers of ", a.dtype("x"));
        return with_float(a.dtype("x"), [&]<class T>(Type<T>) {
            constexpr T most = std::numeric_limits<T>::max();
            const Tensor x = mapped<T>(x_itself(a), [&](T v) {
                return std::isnan(v) ? static_cast<T>(start) : std::clamp(v, -most, most);
            });
            return Tensors{accumulated<T>(a, x, static_cast<T>(start), f)};
        });
    };
    return op;
}

Op running_logsumexp() {
    return {{"math.cumulative_logsumexp"}, {}, "x axis=0 exclusive=false reverse=false", line_shape, only_float_dtype,
            [](const Arguments& a) -> Tensors {
                const Tensor x = x_itself(a);
                return with_float(x.dtype(), [&]<class T>(Type<T>) {
                    // TensorFlow's sum of nothing is the lowest number, not minus infinity.
                    return Tensors{accumulated<T>(a, x, std::numeric_limits<T>::lowest(), [](T l, T r) {
                        const T top = std::max(l, r);
                        return top + std::log1p(std::exp(std::min(l, r) - top));
                    })};
                });
            }};
}

Shapes diff_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    const std::size_t axis = axis_of(a, shape.rank());
    const std::int64_t n = a.integer("n");
    if (n < 0) fail(Code::config, "argument 'n': wanted zero or more, found ", n);
    return {shape.with(axis, shape[axis] == Shape::unknown ? shape[axis] : std::max<std::int64_t>(shape[axis] - n, 0))};
}

Tensors diff(const Arguments& a) {
    Tensor y = a.dtype("x") == DType::boolean ? x_as(a, DType::uint8) : x_itself(a);
    const bool booleans = a.dtype("x") == DType::boolean;
    const std::size_t axis = axis_of(a, y.shape().rank());
    for (std::int64_t left = a.integer("n"); left > 0 && y.shape()[axis] > 0; --left)
        with_arithmetic(y.dtype(), [&]<class T>(Type<T>) {
            y = along_axis<T, T>(y, axis, y.shape()[axis] - 1, [&](const T* from, std::int64_t n, T* to) {
                for (std::int64_t i = 0; i + 1 < n; ++i)
                    to[i] = booleans ? static_cast<T>(from[i] != from[i + 1]) : Minus{}(from[i + 1], from[i]);
            });
        });
    return {y.cast(carried(a.dtype("x")))};
}

DType area_dtype(const Arguments& a) { return promoted_to_float(a.dtype("y")); }

Shapes trapezoid_shape(const Arguments& a) {
    const Shape y = a.shape("y");
    const std::size_t axis = axis_of(a, y.rank());
    if (a.given("x") && a.shape("x").rank() != 1 && !a.shape("x").is_compatible_with(y))
        fail(Code::unsupported, "wanted positions like ", y, " or one row of them, found ", a.shape("x"));
    if (a.given("x") && a.shape("x").rank() == 1 && axis + 1 != y.rank())
        fail(Code::unsupported, "one row of positions for axis ", axis, " of shape ", y);
    std::vector<std::int64_t> dims = y.dims();
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    return {Shape(std::move(dims))};
}

// The area below the polygon through the points.
Tensors trapezoid(const Arguments& a) {
    const DType dtype = carried(area_dtype(a));
    const Tensor y = a.tensor(a.operand("y"), dtype);
    const std::size_t axis = axis_of(a, y.shape().rank());
    const double step = a.number("dx");
    Tensor at;
    if (a.given("x"))
        at = transpose(broadcast_to(a.tensor(a.operand("x"), dtype), y.shape()), last(axis, y.shape().rank()));
    return with_float(dtype, [&]<class T>(Type<T>) {
        const T* position = a.given("x") ? at.values<T>().data() : nullptr;
        return Tensors{along_axis<T, T>(y, axis, 1, [&](const T* from, std::int64_t n, T* to) {
                           double sum = 0;
                           for (std::int64_t i = 0; i + 1 < n; ++i)
                               sum += 0.5 * (from[i] + from[i + 1]) *
                                      (position == nullptr ? step : position[i + 1] - position[i]);
                           if (position != nullptr) position += n;
                           *to = static_cast<T>(sum);
                       }).reshaped(trapezoid_shape(a).front())};
    });
}

}  // namespace

const OpList& cumulative_ops() {
    static constexpr std::string_view tf_signature = "x axis=0 exclusive=false reverse=false";
    static const OpList ops = {
        running({"math.cumsum", "cumsum"}, {}, tf_signature, 0, Plus{}),
        running({"math.cumprod"}, {}, tf_signature, 1, Times{}),
        running({}, {"Cumsum"}, "x axis=null dtype=null", 0, Plus{}),
        running({}, {"Cumprod"}, "x axis=null dtype=null", 1, Times{}),
        running_numbers({"Nancumsum"}, 0, Plus{}),
        running_numbers({"Nancumprod"}, 1, Times{}),
        running_logsumexp(),
        {{}, {"Diff"}, "x|a n=1 axis=-1", diff_shape, same_dtype, diff},
        {{}, {"Trapezoid"}, "y x=null dx=1.0 axis=-1", trapezoid_shape, area_dtype, trapezoid},
    };
    return ops;
}

}  // namespace layerctl::ops
