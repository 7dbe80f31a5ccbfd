// New tensors of a given shape or range.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

using ShapeRule = Shapes (*)(const Arguments&);

DType like_dtype(const Arguments& a) {
    if (!a.given("dtype")) return a.dtype("x");
    const DType dtype = a.dtype_named("dtype");
    if (dtype == DType::string) fail(Code::unsupported, "new tensors of strings");
    return dtype;
}

/// The dtype a call asks for; Keras 3 has the default null, which means float32.
DType asked_dtype(const Arguments& a) { return a.given("dtype") ? a.dtype_named("dtype") : DType::float32; }

Tensor filled(double number, DType dtype, const Shape& shape) {
    return broadcast_to(constant_tensor(number, dtype).cast(carried(dtype)), shape);
}

Op constant_of(Names tf, Names keras3, std::string_view signature, ShapeRule shapes, DTypeOf dtype, double number) {
    return {std::move(tf), std::move(keras3), signature, shapes, dtype, [=](const Arguments& a) -> Tensors {
                return {filled(number, dtype(a), shapes(a).front())};
            }};
}

Shapes sized_shape(const Arguments& a) {
    std::vector<std::int64_t> dims;
    for (const Size size : a.sizes("shape")) {
        if (size && *size < 0) fail(Code::config, "argument 'shape': wanted sizes, found ", *size);
        dims.push_back(size.value_or(Shape::unknown));
    }
    return {Shape(std::move(dims))};
}

DType value_dtype(const Arguments& a) {
    if (const auto own = a.own_dtype(a.operand("value"))) return *own;
    return tensor_dtype_of(a.constant("value"));
}

Op full(Names tf, Names keras3, std::string_view signature, ShapeRule shapes, DTypeOf dtype) {
    return {std::move(tf), std::move(keras3), signature, shapes, dtype, [=](const Arguments& a) -> Tensors {
                return {broadcast_to(a.tensor(a.operand("value"), dtype(a)), shapes(a).front())};
            }};
}

Shapes eye_shape(const Arguments& a) {
    std::vector<std::int64_t> dims;
    if (a.given("batch_shape"))
        for (const Size size : a.sizes("batch_shape")) dims.push_back(size.value_or(Shape::unknown));
    const std::int64_t rows = a.size(a.operand("rows")).value_or(Shape::unknown);
    dims.push_back(rows);
    dims.push_back(a.given("columns") ? a.size(a.operand("columns")).value_or(Shape::unknown) : rows);
    return {Shape(std::move(dims))};
}

Tensors eye(const Arguments& a) {
    const Shape shape = eye_shape(a).front();
    Tensor y(DType::boolean, shape.slice(shape.rank() - 2, shape.rank()));
    const auto flags = y.mutable_values<bool>();
    for (std::int64_t i = 0; i < std::min(y.shape()[0], y.shape()[1]); ++i)
        flags[static_cast<std::size_t>(i * y.shape()[1] + i)] = true;
    return {broadcast_to(y.cast(carried(asked_dtype(a))), shape)};
}

/// Where a range begins, ends (exclusively) and how it steps; a single number is where it ends.
struct Range {
    double start = 0, stop = 0, step = 1;
};

Range range_of(const Arguments& a) {
    const auto number = [&](std::string_view name) {
        const Tensor tensor = a.tensor(a.operand(name), DType::float64);
        if (tensor.elements() != 1) fail(Code::shape, "wanted one number, found shape ", tensor.shape());
        return tensor.values<double>()[0];
    };
    Range range;
    (a.given("stop") ? range.start : range.stop) = number("start");
    if (a.given("stop")) range.stop = number("stop");
    if (a.given("step")) range.step = number("step");
    if (range.step == 0) fail(Code::input, "a range with step 0");
    return range;
}

Shapes range_shape(const Arguments& a) {
    for (const std::string_view name : {"start", "stop", "step"})
        if (a.given(name) && a.shape(name).rank() != 0)
            fail(Code::shape, "argument '", name, "': wanted a number, found shape ", a.shape(name));
    return {Shape{Shape::unknown}};
}

DType range_dtype(const Arguments& a) {
    if (a.given("dtype")) return a.dtype_named("dtype");
    std::vector<const Operand*> given;
    for (const std::string_view name : {"start", "stop", "step"})
        if (a.given(name)) given.push_back(&a.operand(name));
    if (a.keras3()) return common_dtype(a, given);
    constexpr DType order[] = {DType::int32, DType::int64, DType::float32, DType::float64};
    std::size_t most = 0;
    for (const Operand* operand : given) {
        const DType dtype = a.own_dtype(*operand).value_or(
            operand->kind == Operand::Kind::constant ? tensor_dtype_of(operand->constant) : DType::int32);
        const auto at = std::find(std::begin(order), std::end(order), dtype);
        if (at == std::end(order)) fail(Code::unsupported, "a range of ", dtype);
        most = std::max(most, static_cast<std::size_t>(at - std::begin(order)));
    }
    return order[most];
}

Tensors range(const Arguments& a) {
    const Range range = range_of(a);
    const double count = std::max(std::ceil((range.stop - range.start) / range.step), 0.0);
    if (!(count < 1e9)) fail(Code::refused, "a range of ", count, " numbers");
    std::vector<double> numbers(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = range.start + static_cast<double>(i) * range.step;
    const DType dtype = range_dtype(a);
    return {Tensor::from(Shape{static_cast<std::int64_t>(numbers.size())}, numbers).cast(dtype).cast(carried(dtype))};
}

/// Evenly spaced numbers from "start" to "stop" along a new axis.
Shapes spaced_shape(const Arguments& a) {
    const Shape ends = pair_shape(a).front();
    const Size count = a.size(a.operand("num"));
    if (count && *count < 0) fail(Code::config, "argument 'num': wanted zero or more, found ", *count);
    std::vector<std::int64_t> dims = ends.dims();
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis_of(a, dims.size() + 1)), count.value_or(Shape::unknown));
    return {Shape(std::move(dims))};
}

DType spaced_dtype(const Arguments& a) {
    if (a.has("dtype") && a.given("dtype")) return a.dtype_named("dtype");
    const DType dtype = float_pair_dtype(a);
    if (!is_floating(dtype)) fail(Code::unsupported, "numbers of ", dtype, " spaced evenly");
    return dtype;
}

/// `f(start, stop, at)` with `at` in [0, 1] of every number.
template <class F>
Tensor spaced(const Arguments& a, F f) {
    const DType dtype = spaced_dtype(a);
    const Shape shape = spaced_shape(a).front(), ends = pair_shape(a).front();
    const std::size_t axis = axis_of(a, shape.rank());
    const Tensor start = broadcast_to(a.tensor(a.operand(0), dtype).cast(DType::float64), ends);
    const Tensor stop = broadcast_to(a.tensor(a.operand(1), dtype).cast(DType::float64), ends);
    const std::int64_t count = shape[axis], inner = ends.elements(axis, ends.rank());
    const bool endpoint = !a.has("endpoint") || a.flag("endpoint");
    const double steps = static_cast<double>(std::max<std::int64_t>(endpoint ? count - 1 : count, 1));
    Tensor y = Tensor::uninitialized(DType::float64, shape);
    double* to = y.mutable_values<double>().data();
    for (std::int64_t outer = 0; outer < ends.elements(0, axis); ++outer)
        for (std::int64_t i = 0; i < count; ++i)
            for (std::int64_t k = 0; k < inner; ++k) {
                const auto at = static_cast<std::size_t>(outer * inner + k);
                *to++ = f(start.values<double>()[at], stop.values<double>()[at], static_cast<double>(i) / steps);
            }
    if (is_integer(dtype))
        for (double& v : y.mutable_values<double>()) v = std::floor(v);
    return y.cast(dtype).cast(carried(dtype));
}

double between(double start, double stop, double at) { return start + (stop - start) * at; }

Tensors linspace(const Arguments& a) { return {spaced(a, between)}; }

Tensors logspace(const Arguments& a) {
    if (is_integer(spaced_dtype(a))) fail(Code::unsupported, "argument 'dtype': powers of integers");
    const double base = a.number("base");
    return {spaced(a, [base](double start, double stop, double at) { return std::pow(base, between(start, stop, at)); })};
}

Tensors geomspace(const Arguments& a) {
    if (is_integer(spaced_dtype(a))) fail(Code::unsupported, "argument 'dtype': powers of integers");
    return {spaced(a, [](double start, double stop, double at) {
        return std::copysign(std::exp(between(std::log(std::abs(start)), std::log(std::abs(stop)), at)), start);
    })};
}

/// Every tensor along an axis of its own; "xy" swaps the first two.
Shapes grid_shape(const Arguments& a) {
    std::vector<std::int64_t> dims;
    for (const Operand* part : a.list("x")) {
        const Shape shape = a.shape(*part);
        dims.push_back(shape.is_known() ? shape.elements() : Shape::unknown);
    }
    const std::string& indexing = a.text("indexing");
    if (indexing != "xy" && indexing != "ij")
        fail(Code::config, "argument 'indexing': wanted 'xy' or 'ij', found '", indexing, "'");
    if (indexing == "xy" && dims.size() > 1) std::swap(dims[0], dims[1]);
    return Shapes(dims.size(), Shape(dims));
}

std::vector<DType> grid_dtypes(const Arguments& a) {
    std::vector<DType> dtypes;
    for (const Operand* part : a.list("x")) dtypes.push_back(common_dtype(a, {part}));
    return dtypes;
}

Tensors meshgrid(const Arguments& a) {
    const auto parts = a.list("x");
    const std::vector<DType> dtypes = grid_dtypes(a);
    const Shape shape = grid_shape(a).front();
    Tensors y;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t axis = a.text("indexing") == "xy" && i < 2 && parts.size() > 1 ? 1 - i : i;
        const Tensor x = a.tensor(*parts[i], dtypes[i]);
        std::vector<std::int64_t> dims(parts.size(), 1);
        dims[axis] = x.shape().elements();
        y.push_back(broadcast_to(x.reshaped(Shape(dims)), shape));
    }
    return y;
}

}  // namespace

const OpList& creation_ops() {
    static const auto like = [](Names tf, Names keras3, std::string_view signature, double number) {
        return constant_of(std::move(tf), std::move(keras3), signature, same_shape, like_dtype, number);
    };
    static constexpr std::string_view ends = "start stop num=50 endpoint=true !retstep=false dtype=null axis=0";
    static const OpList ops = {
        like({"zeros_like", "compat.v1.zeros_like"}, {}, "x|input|tensor dtype=null ~optimize ~layout", 0),
        like({"ones_like", "compat.v1.ones_like"}, {}, "x|input|tensor dtype=null ~optimize ~layout", 1),
        like({}, {"ZerosLike", "EmptyLike"}, "x dtype=null", 0),
        like({}, {"OnesLike"}, "x dtype=null", 1),
        constant_of({"zeros"}, {}, "shape dtype=float32 ~layout", sized_shape, asked_dtype, 0),
        constant_of({"ones"}, {}, "shape dtype=float32 ~layout", sized_shape, asked_dtype, 1),
        full({"fill"}, {}, "shape|dims value ~layout", sized_shape, value_dtype),
        full({}, {"Full"}, "value|fill_value shape dtype=null", sized_shape, asked_dtype),
        full({}, {"FullLike"}, "x value|fill_value dtype=null", same_shape, like_dtype),
        {{"eye"}, {}, "rows|num_rows columns|num_columns=null batch_shape=null dtype=float32", eye_shape, asked_dtype, eye},
        {{"range"}, {"Arange"}, "start stop|limit=null step|delta=null dtype=null", range_shape, range_dtype, range},
        {{"linspace"}, {}, "start stop num axis=0", spaced_shape, spaced_dtype, linspace},
        {{}, {"Linspace"}, ends, spaced_shape, spaced_dtype, linspace},
        {{},
         {"Logspace"},
         "start stop num=50 endpoint=true base=10 dtype=null axis=0",
         spaced_shape,
         spaced_dtype,
         logspace},
        {{}, {"Geomspace"}, "start stop num=50 endpoint=true dtype=null axis=0", spaced_shape, spaced_dtype, geomspace},
        {{}, {"Meshgrid"}, "*x indexing=xy", grid_shape, grid_dtypes, meshgrid},
    };
    return ops;
}

}  // namespace layerctl::ops
