// Operations that pick and move elements: slices, flip, roll, tile, repeat, pad.
#include <algorithm>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/move.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/slices.hpp"
#include "engine/ops/table/take.hpp"
#include "engine/ops/transpose.hpp"
#include "models/lower_case.hpp"

namespace layerctl::ops {
namespace {

using Indices = std::vector<std::int64_t>;

Indices counted(std::int64_t n) {
    Indices indices(static_cast<std::size_t>(n));
    std::iota(indices.begin(), indices.end(), std::int64_t{0});
    return indices;
}

Tensor flipped(Tensor x, const std::vector<std::size_t>& axes) {
    for (const std::size_t axis : axes) {
        Indices from = counted(x.shape()[axis]);
        std::reverse(from.begin(), from.end());
        x = take(x, axis, from);
    }
    return x;
}

Op flip(std::vector<std::string_view> tf, std::vector<std::string_view> keras3, std::string_view signature) {
    return {std::move(tf), std::move(keras3),
            signature,     same_shape,
            same_dtype,    [](const Arguments& a) -> Tensors { return {flipped(x_itself(a), axes_or_all(a))}; }};
}

Op flip_along(std::string_view class_name, std::size_t axis) {
    return {{}, {class_name}, "x", same_shape, same_dtype, [axis](const Arguments& a) -> Tensors {
                return {flipped(x_itself(a), {resolve_axis(static_cast<std::int64_t>(axis), a.shape("x").rank())})};
            }};
}

// Without an axis the elements are rolled as one row.
Tensors roll(const Arguments& a) {
    Tensor x = x_itself(a);
    const Shape shape = x.shape();
    const Indices shifts = a.integers("shift");
    Indices axes = a.given("axis") ? a.integers("axis") : Indices{0};
    if (!a.given("axis")) x = x.reshaped(Shape{shape.elements()});
    if (shifts.size() != axes.size())
        fail(Code::config, "wanted as many shifts as axes, found ", shifts.size(), " and ", axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = resolve_axis(axes[i], x.shape().rank());
        const std::int64_t n = x.shape()[axis];
        Indices from = counted(n);
        for (std::int64_t& index : from) index = ((index - shifts[i] % n) % n + n) % n;
        x = take(x, axis, from);
    }
    return {x.reshaped(shape)};
}

// Shapes and repetitions are aligned at the last axis.
struct Tiling {
    Shape in;
    Indices times;  // some may be unknown before a run
};

Tiling tiling(const Arguments& a) {
    Tiling result{a.shape("x"), {}};
    for (const Size count : a.sizes("repeats")) {
        if (count && *count < 0) fail(Code::config, "argument 'repeats': wanted zero or more, found ", *count);
        result.times.push_back(count.value_or(Shape::unknown));
    }
    if (!a.keras3() && result.times.size() != result.in.rank())
        fail(Code::config, "wanted ", result.in.rank(), " multiples, found ", result.times.size());
    std::vector<std::int64_t> dims = result.in.dims();
    while (dims.size() < result.times.size()) dims.insert(dims.begin(), 1);
    while (result.times.size() < dims.size()) result.times.insert(result.times.begin(), 1);
    result.in = Shape(std::move(dims));
    return result;
}

Shapes tiled_shape(const Arguments& a) {
    const Tiling plan = tiling(a);
    Shape out = plan.in;
    for (std::size_t i = 0; i < out.rank(); ++i)
        out[i] = plan.times[i] == Shape::unknown ? Shape::unknown : times(out[i], plan.times[i]);
    return {out};
}

Tensors tile(const Arguments& a) {
    const Tiling plan = tiling(a);
    Tensor x = x_itself(a).reshaped(plan.in);
    for (std::size_t axis = 0; axis < plan.times.size(); ++axis) {
        if (plan.times[axis] == 1) continue;
        const std::int64_t n = x.shape()[axis];
        Indices from = counted(times(n, plan.times[axis]));
        for (std::int64_t& index : from) index %= n;
        x = take(x, axis, from);
    }
    return {x};
}

// How often each element of the axis comes; one number counts for all.
Indices repetitions(const Arguments& a, std::int64_t n) {
    Indices counts = a.integers("repeats");
    for (const std::int64_t count : counts)
        if (count < 0) fail(Code::config, "argument 'repeats': wanted zero or more, found ", count);
    if (counts.size() == 1) counts.assign(static_cast<std::size_t>(n), counts[0]);
    if (static_cast<std::int64_t>(counts.size()) != n)
        fail(Code::config, "wanted ", n, " repetitions, found ", counts.size());
    return counts;
}

Shapes repeated_shape(const Arguments& a) {
    Shape shape = a.shape("x");
    if (!a.given("axis")) shape = Shape{shape.is_known() ? shape.elements() : Shape::unknown};
    const std::size_t axis = a.given("axis") ? resolve_axis(a.integer("axis"), shape.rank()) : 0;
    const Indices numbers = a.integers("repeats");
    if (numbers.size() == 1) return {shape.with(axis, times(shape[axis], numbers[0]))};
    return {shape.with(axis, std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0}))};
}

Tensors repeat_run(const Arguments& a) {
    Tensor x = x_itself(a);
    if (!a.given("axis")) x = x.reshaped(Shape{x.shape().elements()});
    const std::size_t axis = a.given("axis") ? resolve_axis(a.integer("axis"), x.shape().rank()) : 0;
    Indices from;
    const Indices counts = repetitions(a, x.shape()[axis]);
    for (std::size_t i = 0; i < counts.size(); ++i)
        from.insert(from.end(), static_cast<std::size_t>(counts[i]), static_cast<std::int64_t>(i));
    return {take(x, axis, from)};
}

Indices pad_width(const Value& value) {
    const Value::Array* pair = value.array();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].integer() == nullptr || (*pair)[1].integer() == nullptr)
        fail(Code::unsupported, "argument 'widths': wanted [before, after] per axis, found ", excerpt(value));
    const Indices width = {*(*pair)[0].integer(), *(*pair)[1].integer()};
    if (width[0] < 0 || width[1] < 0)
        fail(Code::config, "argument 'widths': wanted zero or more, found ", excerpt(value));
    return width;
}

// Keras 3 also takes one width or one pair for all axes.
std::vector<Indices> pad_widths(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    const Value& value = a.constant("widths");
    if (a.keras3() && value.integer() != nullptr)
        return std::vector<Indices>(rank, pad_width(Value::Array{value, value}));
    if (value.array() == nullptr || value.array()->empty())
        fail(Code::unsupported, "argument 'widths': wanted [before, after] per axis, found ", excerpt(value));
    if (a.keras3() && value.array()->front().integer() != nullptr) return std::vector<Indices>(rank, pad_width(value));
    std::vector<Indices> widths;
    for (const Value& item : *value.array()) widths.push_back(pad_width(item));
    if (widths.size() == 1 && a.keras3()) widths.assign(rank, widths[0]);
    if (widths.size() != rank) fail(Code::config, "wanted padding for ", rank, " axes, found ", widths.size());
    return widths;
}

enum class PadMode { constant, reflect, symmetric, edge };

PadMode pad_mode(const Arguments& a) {
    const std::string mode = lower_case(a.text("mode"));
    if (mode == "constant") return PadMode::constant;
    if (mode == "reflect") return PadMode::reflect;
    if (mode == "symmetric") return PadMode::symmetric;
    fail(Code::unsupported, "argument 'mode': wanted 'constant', 'reflect' or 'symmetric', found '", a.text("mode"),
         "'");
}

Shapes padded_shape(const Arguments& a) {
    Shape shape = a.shape("x");
    const auto widths = pad_widths(a);
    const PadMode mode = pad_mode(a);
    if (mode != PadMode::constant && a.given("constant_values") && !(a.constant("constant_values") == Value(0)))
        fail(Code::unsupported, "argument 'constant_values' in this mode");
    for (std::size_t i = 0; i < shape.rank(); ++i) shape[i] = plus(shape[i], plus(widths[i][0], widths[i][1]));
    return {shape};
}

Tensor padded_by_mirror(Tensor x, const std::vector<Indices>& widths, bool with_edge) {
    for (std::size_t axis = 0; axis < widths.size(); ++axis) {
        if (widths[axis] == Indices{0, 0}) continue;
        const std::int64_t n = x.shape()[axis], most = with_edge ? n : n - 1;
        if (widths[axis][0] > most || widths[axis][1] > most)
            fail(Code::shape, "padding by reflection is wider than axis ", axis, " of shape ", x.shape());
        Indices from;
        for (std::int64_t i = -widths[axis][0]; i < n + widths[axis][1]; ++i)
            from.push_back(i < 0    ? (with_edge ? -i - 1 : -i)
                           : i >= n ? (with_edge ? 2 * n - 1 - i : 2 * n - 2 - i)
                                    : i);
        x = take(x, axis, from);
    }
    return x;
}

Tensors pad(const Arguments& a) {
    const auto widths = pad_widths(a);
    const Tensor x = x_itself(a);
    const PadMode mode = pad_mode(a);
    if (mode != PadMode::constant) return {padded_by_mirror(x, widths, mode == PadMode::symmetric)};
    const Value fill = a.given("constant_values") ? a.constant("constant_values") : Value(0);
    Tensor y = broadcast_to(constant_tensor(fill, a.dtype("x")).cast(x.dtype()), padded_shape(a).front());
    Indices offset;
    for (const Indices& width : widths) offset.push_back(width[0]);
    place(x, offset, y);
    return {y};
}

Op get_item() {
    return {{"__operators__.getitem"},
            {"GetItem"},
            "x|tensor key|slice_spec ~var",
            sliced_shape,
            same_dtype,
            [](const Arguments& a) -> Tensors { return {sliced(a, x_itself(a))}; },
            [](const Arguments& a) -> std::optional<Request> {
                std::optional<Pad> pad = is_input(a.operand("x"), 0) ? cut_off(a) : std::nullopt;
                if (!pad) return {};
                return reshaped(*pad, {a.shape("x")}, sliced_shape(a).front());
            }};
}

/// Zeros around x.
std::optional<Request> zeros_around(const Arguments& a) {
    const bool is_zero = !a.given("constant_values") || a.number("constant_values") == 0;
    if (!is_input(a.operand("x"), 0) || !is_zero || pad_mode(a) != PadMode::constant) return {};
    Pad pad;
    for (const Indices& width : pad_widths(a)) {
        pad.before.push_back(width[0]);
        pad.behind.push_back(width[1]);
    }
    return pad;
}

}  // namespace

const OpList& moving_ops() {
    static const OpList ops = {
        get_item(),
        flip({"reverse"}, {}, "x|tensor axis"),
        flip({}, {"Flip"}, "x axis=null"),
        flip_along("Flipud", 0),
        flip_along("Fliplr", 1),
        {{"roll"}, {}, "x|input shift axis", same_shape, same_dtype, roll},
        {{}, {"Roll"}, "x shift axis=null", same_shape, same_dtype, roll},
        {{"tile"}, {"Tile"}, "x|input repeats|multiples", tiled_shape, same_dtype, tile},
        {{"repeat"}, {"Repeat"}, "x|input repeats axis=null", repeated_shape, same_dtype, repeat_run},
        {{"pad", "compat.v1.pad"},
         {},
         "x|tensor widths|paddings mode=CONSTANT constant_values=0",
         padded_shape,
         same_dtype,
         pad,
         zeros_around},
        {{},
         {"Pad"},
         "x constant_values=null widths|pad_width mode=constant",
         padded_shape,
         same_dtype,
         pad,
         zeros_around},
    };
    return ops;
}

}  // namespace layerctl::ops
