// Numbers as positions: one-hot rows, masks of lengths, bins and counts.
#include <algorithm>
#include <cmath>

#include "engine/ops/table/lines.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

std::int64_t class_count(const Arguments& a) {
    const std::int64_t count = a.integer("depth");
    if (count < 0) fail(Code::config, "argument 'depth': wanted zero or more, found ", count);
    return count;
}

std::size_t hot_axis(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank() + 1;
    return a.given("axis") ? axis_of(a, rank) : rank - 1;
}

Shapes one_hot_shape(const Arguments& a) {
    std::vector<std::int64_t> dims = a.shape("x").dims();
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(hot_axis(a)), class_count(a));
    return {Shape(std::move(dims))};
}

/// The dtype asked for, else that of the values, else float32.
DType hot_dtype(const Arguments& a) {
    if (a.given("dtype")) return a.dtype_named("dtype");
    for (const std::string_view name : {"on", "off"})
        if (a.has(name) && a.given(name)) {
            const auto own = a.own_dtype(a.operand(name));
            return own ? *own : tensor_dtype_of(a.constant(name));
        }
    return DType::float32;
}

/// Of booleans; a position that is none of the classes is nowhere.
Tensor hot_flags(const Arguments& a) {
    const Tensor x = a.tensor(a.operand("x"), DType::int64);
    const std::int64_t count = class_count(a);
    std::vector<std::int64_t> dims = x.shape().dims();
    dims.push_back(count);
    Tensor y(DType::boolean, Shape(std::move(dims)));
    bool* row = y.mutable_values<bool>().data();
    for (const std::int64_t position : x.values<std::int64_t>()) {
        if (position >= 0 && position < count) row[position] = true;
        row += count;
    }
    return transpose(y, inverse(last(hot_axis(a), y.shape().rank())));
}

Tensors one_hot(const Arguments& a) {
    const DType dtype = hot_dtype(a);
    const Tensor flags = hot_flags(a);
    const bool plain = !a.has("on") || (!a.given("on") && !a.given("off"));
    if (plain) return {flags.cast(carried(dtype))};
    const auto scalar = [&](std::string_view name, int otherwise) {
        return a.given(name) ? a.tensor(a.operand(name), dtype) : constant_tensor(otherwise, dtype).cast(carried(dtype));
    };
    const Tensor on = scalar("on", 1), off = scalar("off", 0);
    if (on.elements() != 1 || off.elements() != 1) fail(Code::shape, "wanted one number for on and one for off");
    Tensor y = Tensor::uninitialized(on.dtype(), flags.shape());
    with_numeric(on.dtype(), [&]<class T>(Type<T>) {
        const auto values = flags.values<bool>();
        const auto to = y.mutable_values<T>();
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = values[i] ? on.values<T>()[0] : off.values<T>()[0];
    });
    return {y};
}

// The union of the one-hot rows over axis 1 of them, over axis 0 of a vector's.
Shapes multi_hot_shape(const Arguments& a) {
    std::vector<std::int64_t> dims = one_hot_shape(a).front().dims();
    dims.erase(dims.begin() + (a.shape("x").rank() > 1 ? 1 : 0));
    return {Shape(std::move(dims))};
}

Tensors multi_hot(const Arguments& a) {
    const Tensor flags = hot_flags(a);
    const Tensor any = along_axis<bool, bool>(flags, a.shape("x").rank() > 1 ? 1 : 0, 1,
                                              [](const bool* from, std::int64_t n, bool* to) {
                                                  *to = std::find(from, from + n, true) != from + n;
                                              });
    return {any.reshaped(multi_hot_shape(a).front()).cast(carried(hot_dtype(a)))};
}

Shapes mask_shape(const Arguments& a) {
    std::vector<std::int64_t> dims = a.shape("x").dims();
    dims.push_back(a.given("maxlen") ? a.size(a.operand("maxlen")).value_or(Shape::unknown) : Shape::unknown);
    return {Shape(std::move(dims))};
}

Tensors sequence_mask(const Arguments& a) {
    const Tensor x = a.tensor(a.operand("x"), DType::int64);
    const auto lengths = x.values<std::int64_t>();
    std::int64_t most = 0;
    for (const std::int64_t length : lengths) most = std::max(most, length);
    const Shape shape = mask_shape(a).front();
    const std::int64_t width = shape.back() == Shape::unknown ? most : shape.back();
    Tensor y(DType::boolean, shape.with_back(width));
    bool* row = y.mutable_values<bool>().data();
    for (const std::int64_t length : lengths) {
        std::fill(row, row + std::clamp<std::int64_t>(length, 0, width), true);
        row += width;
    }
    return {y.cast(carried(a.dtype_named("dtype")))};
}

/// Whether the rows of a matrix are counted apart; otherwise all numbers count together.
bool counts_by_row(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (a.given("axis") && a.integer("axis") != 0 && a.integer("axis") != -1)
        fail(Code::unsupported, "argument 'axis': wanted 0, -1 or null, found ", a.integer("axis"));
    if (a.keras3() && shape.rank() > 2) fail(Code::shape, "wanted rank 1 or 2, found shape ", shape);
    return shape.rank() == 2 && a.given("axis") && a.integer("axis") == -1;
}

Shapes bincount_shape(const Arguments& a) {
    if (!counts_by_row(a)) return {Shape{Shape::unknown}};
    return {Shape{a.shape("x")[0], Shape::unknown}};
}

DType bincount_dtype(const Arguments& a) {
    const bool weighted = a.given("weights");
    if (a.keras3()) return weighted ? tensors_dtype(a, {"x", "weights"}) : DType::int32;
    if (!weighted) return a.dtype_named("dtype");
    return a.own_dtype(a.operand("weights")).value_or(DType::float32);
}

// As many counts as the largest number needs, at least `minlength` and at most `maxlength`; larger numbers do not count.
Tensors bincount(const Arguments& a) {
    const DType dtype = bincount_dtype(a);
    const Tensor x = a.tensor(a.operand("x"), DType::int64);
    const auto numbers = x.values<std::int64_t>();
    const bool by_row = counts_by_row(a);
    const std::int64_t rows = by_row ? x.shape()[0] : 1;
    std::int64_t width = a.given("minlength") ? a.integer("minlength") : 0;
    for (const std::int64_t number : numbers) {
        if (number < 0) fail(Code::input, "wanted numbers of zero or more to count, found ", number);
        width = std::max(width, number + 1);
    }
    if (a.has("maxlength") && a.given("maxlength")) width = std::min(width, a.integer("maxlength"));
    if (width > (std::int64_t{1} << 32)) fail(Code::refused, "counts of ", width, " numbers");
    const bool binary = a.has("binary_output") && a.flag("binary_output");
    Tensor weights;
    if (a.given("weights")) weights = a.tensor(a.operand("weights"), DType::float64);
    Tensor y(DType::float64, Shape{rows, width});
    const auto counts = y.mutable_values<double>();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] >= width) continue;
        const std::size_t row = by_row ? i / static_cast<std::size_t>(x.shape()[1]) : 0;
        double& count = counts[row * static_cast<std::size_t>(width) + static_cast<std::size_t>(numbers[i])];
        count = binary ? 1 : count + (weights.has_value() ? weights.values<double>()[i] : 1);
    }
    return {y.reshaped(by_row ? Shape{rows, width} : Shape{width}).cast(dtype).cast(carried(dtype))};
}

}  // namespace

const OpList& encoding_ops() {
    static const auto mask_dtype = [](const Arguments& a) { return a.dtype_named("dtype"); };
    static const OpList ops = {
        {{"one_hot"},
         {},
         "x|indices depth on|on_value=null off|off_value=null axis=null dtype=null",
         one_hot_shape,
         hot_dtype,
         one_hot},
        {{}, {"OneHot"}, "x depth|num_classes axis=-1 dtype=null !sparse=false", one_hot_shape, hot_dtype, one_hot},
        {{},
         {"MultiHot"},
         "x|inputs depth|num_classes axis=-1 dtype=null !sparse=false",
         multi_hot_shape,
         hot_dtype,
         multi_hot},
        {{"sequence_mask"}, {}, "x|lengths maxlen=null dtype=bool", mask_shape, mask_dtype, sequence_mask},
        {{"math.bincount"},
         {},
         "x|arr weights=null minlength=null maxlength=null dtype=int32 axis=null binary_output=false",
         bincount_shape,
         bincount_dtype,
         bincount},
        {{},
         {"Bincount"},
         "x weights=null minlength=0 !sparse=false axis=-1",
         bincount_shape,
         bincount_dtype,
         bincount},
    };
    return ops;
}

}  // namespace layerctl::ops
