// Joining tensors and taking them apart: concatenate, stack, split, unstack.
#include <algorithm>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"

namespace layerctl::ops {
namespace {

/// The dtype of a tensor, or of the one that TensorFlow makes of a constant.
DType part_dtype(const Arguments& a, const Operand& part) {
    const auto own = a.own_dtype(part);
    return own ? *own : tensor_dtype_of(part.constant);
}

/// Tensors as they are, each with its dtype.
Op identities() {
    return {{"identity_n"},
            {},
            "x|input",
            [](const Arguments& a) {
                Shapes shapes;
                for (const Operand* part : a.list("x")) shapes.push_back(a.shape(*part));
                return shapes;
            },
            [](const Arguments& a) {
                std::vector<DType> dtypes;
                for (const Operand* part : a.list("x")) dtypes.push_back(part_dtype(a, *part));
                return dtypes;
            },
            [](const Arguments& a) {
                Tensors parts;
                for (const Operand* part : a.list("x")) parts.push_back(a.tensor(*part, part_dtype(a, *part)));
                return parts;
            }};
}

DType list_dtype(const Arguments& a) { return common_dtype(a, a.list("x")); }

Tensors parts_of(const Arguments& a) {
    Tensors parts;
    for (const Operand* part : a.list("x")) parts.push_back(a.tensor(*part, list_dtype(a)));
    return parts;
}

Shape joined_shape(const Shapes& parts, std::size_t axis) {
    Shape out = parts.front();
    if (axis >= out.rank()) fail(Code::shape, "wanted an axis ", axis, ", found shape ", out);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const Shape& next = parts[i];
        if (next.rank() != out.rank() || !next.with(axis, 0).is_compatible_with(out.with(axis, 0)))
            fail(Code::shape, "inputs must be alike but for axis ", axis, ", found shapes ", out, " and ", next);
        for (std::size_t k = 0; k < out.rank(); ++k)
            out[k] = k == axis ? joined(out[k], next[k]) : std::max(out[k], next[k]);
    }
    return out;
}

Shapes concatenated_shape(const Arguments& a) {
    Shapes parts;
    for (const Operand* part : a.list("x")) parts.push_back(a.shape(*part));
    return {joined_shape(parts, axis_of(a, parts.front().rank()))};
}

Tensors concatenate_run(const Arguments& a) {
    return {concatenate(parts_of(a), resolve_axis(a.integer("axis"), concatenated_shape(a).front().rank()))};
}

std::optional<Request> concatenated_inputs(const Arguments& a) {
    Shapes parts;
    for (const Operand* part : a.list("x")) parts.push_back(a.shape(*part));
    return joined_inputs(a, axis_of(a, parts.front().rank()), parts, concatenated_shape(a).front());
}

/// Joined along a given axis after each part has got the rank for it.
Op stacked_along(std::string_view class_name, Shape (*with_rank)(const Shape&), std::size_t (*axis_for)(const Shape&)) {
    const auto shapes = [=](const Arguments& a) -> Shapes {
        Shapes parts;
        for (const Operand* part : a.list("x")) parts.push_back(with_rank(a.shape(*part)));
        return {joined_shape(parts, axis_for(parts.front()))};
    };
    return {{}, {class_name}, "x|xs", shapes, list_dtype, [=](const Arguments& a) -> Tensors {
                Tensors parts = parts_of(a);
                for (Tensor& part : parts) part = part.reshaped(with_rank(part.shape()));
                return {concatenate(parts, axis_for(parts.front().shape()))};
            }};
}

Shape in_depth(const Shape& shape) {
    if (shape.rank() > 2) return shape;
    if (shape.rank() == 2) return Shape{shape[0], shape[1], 1};
    return Shape{1, shape.rank() == 1 ? shape[0] : 1, 1};
}

// Without an axis both are laid in one row first.
Shapes appended_shape(const Arguments& a) {
    const Shape x = a.shape("x"), y = a.shape("y");
    if (a.given("axis")) return {joined_shape({x, y}, axis_of(a, x.rank()))};
    return {Shape{x.is_known() && y.is_known() ? plus(x.elements(), y.elements()) : Shape::unknown}};
}

Tensors append(const Arguments& a) {
    const DType dtype = tensors_dtype(a, {"x", "y"});
    Tensor x = a.made_tensor(a.operand("x"), dtype), y = a.made_tensor(a.operand("y"), dtype);
    if (a.given("axis")) return {concatenate({x, y}, axis_of(a, x.shape().rank()))};
    return {concatenate({x.reshaped(Shape{x.shape().elements()}), y.reshaped(Shape{y.shape().elements()})}, 0)};
}

Shape with_axis(const Shape& shape, std::size_t axis, std::int64_t size) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), size);
    return Shape(std::move(dims));
}

Shapes stacked_shape(const Arguments& a) {
    const auto parts = a.list("x");
    Shape common = a.shape(*parts.front());
    for (const Operand* part : parts) {
        const Shape next = a.shape(*part);
        if (!next.is_compatible_with(common))
            fail(Code::shape, "inputs must be of one shape, found ", common, " and ", next);
        for (std::size_t k = 0; k < common.rank(); ++k) common[k] = std::max(common[k], next[k]);
    }
    return {
        with_axis(common, resolve_axis(a.integer("axis"), common.rank() + 1), static_cast<std::int64_t>(parts.size()))};
}

Tensors stack_run(const Arguments& a) {
    Tensors parts = parts_of(a);
    const std::size_t axis = resolve_axis(a.integer("axis"), parts.front().shape().rank() + 1);
    for (Tensor& part : parts) part = part.reshaped(with_axis(part.shape(), axis, 1));
    return {concatenate(parts, axis)};
}

std::optional<Request> stacked_inputs(const Arguments& a) {
    Shapes parts;
    const Shape out = stacked_shape(a).front();
    const std::size_t axis = resolve_axis(a.integer("axis"), out.rank());
    for (const Operand* part : a.list("x")) parts.push_back(with_axis(a.shape(*part), axis, 1));
    return joined_inputs(a, axis, parts, out);
}

/// Where each part of a split ends; the last one may be unknown.
struct Pieces {
    std::size_t axis;
    std::vector<std::int64_t> sizes;
};

std::vector<std::int64_t> equal_pieces(std::int64_t count, std::int64_t size, const Shape& shape) {
    if (count < 1 || (size != Shape::unknown && size % count != 0))
        fail(Code::shape, "shape ", shape, " cannot be split into ", count, " equal parts");
    return std::vector<std::int64_t>(static_cast<std::size_t>(count), size == Shape::unknown ? size : size / count);
}

// TensorFlow gives sizes, one of which may be -1; Keras 3 gives the indices between the parts.
Pieces pieces_along(const Arguments& a, std::size_t along) {
    const Shape shape = a.shape("x");
    Pieces result{along, {}};
    const std::int64_t size = shape[result.axis];
    const std::vector<std::int64_t> numbers = a.integers("parts");
    if (a.constant("parts").integer() != nullptr) result.sizes = equal_pieces(numbers[0], size, shape);
    else if (a.keras3()) {
        std::int64_t from = 0;
        for (const std::int64_t end : numbers) {
            if (end < from || size == Shape::unknown || end > size)
                fail(Code::unsupported, "a split at ", end, " of shape ", shape);
            result.sizes.push_back(end - from);
            from = end;
        }
        result.sizes.push_back(size - from);
    } else {
        result.sizes = numbers;
        const std::int64_t sum = std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
        const auto open = std::find(result.sizes.begin(), result.sizes.end(), -1);
        if (open != result.sizes.end()) *open = size == Shape::unknown ? size : size - (sum + 1);
        else if (size != Shape::unknown && sum != size)
            fail(Code::shape, "shape ", shape, " cannot be split into ", Shape(numbers));
    }
    return result;
}

Pieces pieces(const Arguments& a) { return pieces_along(a, axis_of(a, a.shape("x").rank())); }

Shapes split_shape_of(const Arguments& a, const Pieces& parts) {
    Shapes shapes;
    for (const std::int64_t size : parts.sizes) shapes.push_back(a.shape("x").with(parts.axis, size));
    return shapes;
}

Shapes split_shape(const Arguments& a) { return split_shape_of(a, pieces(a)); }

Tensor range_of(const Tensor& x, std::size_t axis, std::int64_t first, std::int64_t size) {
    if (size < 0) fail(Code::shape, "shape ", x.shape(), " is too small to be split");
    std::vector<std::int64_t> from(static_cast<std::size_t>(size));
    std::iota(from.begin(), from.end(), first);
    return take(x, axis, from);
}

Tensors split_into(const Arguments& a, const Pieces& parts) {
    const Tensor x = x_itself(a);
    Tensors outputs;
    std::int64_t first = 0;
    for (const std::int64_t size : parts.sizes) {
        outputs.push_back(range_of(x, parts.axis, first, size));
        first += size;
    }
    return outputs;
}

Tensors split_run(const Arguments& a) { return split_into(a, pieces(a)); }

/// Keras 3's splits that name their axis: the second one of hsplit, or the first of vectors; the third of dsplit.
Op split_along(std::string_view class_name, std::size_t axis) {
    const auto plan = [axis](const Arguments& a) {
        const std::size_t rank = a.shape("x").rank();
        const std::size_t along = axis == 1 && rank == 1 ? 0 : axis;
        if (along >= rank) fail(Code::shape, "wanted an axis ", along, ", found shape ", a.shape("x"));
        return pieces_along(a, along);
    };
    return {{},
            {class_name},
            "x parts|indices_or_sections",
            [plan](const Arguments& a) { return split_shape_of(a, plan(a)); },
            same_dtype,
            [plan](const Arguments& a) { return split_into(a, plan(a)); }};
}

// Parts of sizes that differ by one at most, the larger ones first.
Pieces array_pieces(const Arguments& a) {
    const Shape shape = a.shape("x");
    Pieces result{axis_of(a, shape.rank()), {}};
    const std::int64_t size = shape[result.axis], count = a.integer("parts");
    if (count < 1 || size == Shape::unknown)
        fail(Code::unsupported, "shape ", shape, " cannot be split into ", count, " parts");
    for (std::int64_t i = 0; i < count; ++i) result.sizes.push_back(size / count + (i < size % count ? 1 : 0));
    return result;
}

Shapes unstack_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    const std::size_t axis = resolve_axis(a.integer("axis"), shape.rank());
    const std::int64_t count = a.given("num") ? a.integer("num") : shape[axis];
    if (count < 0 || count > 65536)
        fail(Code::unsupported, "wanted a known size on axis ", axis, ", found shape ", shape);
    if (shape[axis] != Shape::unknown && shape[axis] != count)
        fail(Code::shape, "wanted a size of ", count, " on axis ", axis, ", found shape ", shape);
    std::vector<std::int64_t> dims = shape.dims();
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    return Shapes(static_cast<std::size_t>(count), Shape(dims));
}

Tensors unstack_run(const Arguments& a) {
    const Tensor x = x_itself(a);
    const std::size_t axis = resolve_axis(a.integer("axis"), x.shape().rank());
    Tensors outputs;
    for (const Shape& shape : unstack_shape(a))
        outputs.push_back(take(x, axis, {static_cast<std::int64_t>(outputs.size())}).reshaped(shape));
    return outputs;
}

}  // namespace

const OpList& joining_ops() {
    static constexpr auto itself = [](const Shape& shape) { return shape; };
    static constexpr auto first = [](const Shape&) -> std::size_t { return 0; };
    static constexpr auto second = [](const Shape& shape) -> std::size_t { return shape.rank() == 1 ? 0 : 1; };
    static constexpr auto third = [](const Shape&) -> std::size_t { return 2; };
    static const OpList ops = {
        identities(),
        {{"concat"}, {}, "x|values axis", concatenated_shape, list_dtype, concatenate_run, concatenated_inputs},
        {{}, {"Concatenate"}, "x axis=0", concatenated_shape, list_dtype, concatenate_run, concatenated_inputs},
        stacked_along("Vstack", itself, first),
        stacked_along("Hstack", itself, second),
        stacked_along("Dstack", in_depth, third),
        {{},
         {"Append"},
         "x y axis=null",
         appended_shape,
         [](const Arguments& a) {
             return tensors_dtype(a, {"x", "y"});
         },
         append},
        {{"stack", "parallel_stack"},
         {"Stack"},
         "x|values axis=0",
         stacked_shape,
         list_dtype,
         stack_run,
         stacked_inputs},
        {{"split"}, {}, "x|value parts|num_or_size_splits axis=0 !num=null", split_shape, same_dtype, split_run},
        {{}, {"Split"}, "x parts|indices_or_sections axis=0", split_shape, same_dtype, split_run},
        split_along("Hsplit", 1),
        split_along("Vsplit", 0),
        split_along("Dsplit", 2),
        {{},
         {"ArraySplit"},
         "x parts|indices_or_sections axis=0",
         [](const Arguments& a) { return split_shape_of(a, array_pieces(a)); },
         same_dtype,
         [](const Arguments& a) { return split_into(a, array_pieces(a)); }},
        {{"unstack"}, {"Unstack"}, "x|value num=null axis=0", unstack_shape, same_dtype, unstack_run},
    };
    return ops;
}

}  // namespace layerctl::ops
