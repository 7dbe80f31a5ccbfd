// Operations on shapes: reshape, new and dropped axes, transpose, joining and splitting, constants of a shape.
#include <algorithm>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

Tensor x_itself(const Arguments& a) { return x_as(a, a.dtype("x")); }

/// The elements of x under the shape that `shapes` works out.
std::function<Tensors(const Arguments&)> under(Shapes (*shapes)(const Arguments&)) {
    return [shapes](const Arguments& a) -> Tensors { return {x_itself(a).reshaped(shapes(a).front())}; };
}

// Without elements, the dimensions other than 0 decide.
std::int64_t elements_but_zeros(const Shape& shape) {
    std::int64_t product = 1;
    for (const std::int64_t dim : shape)
        if (dim != 0) product = times(product, dim);
    return product;
}

void close_open_dim(Shape& out, const Shape& in) {
    const auto open = std::find(out.dims().begin(), out.dims().end(), -1);
    const std::int64_t elements = in.elements();
    if (open != out.dims().end()) {
        const std::size_t axis = static_cast<std::size_t>(open - out.dims().begin());
        const Shape others = out.with(axis, 1);
        const bool empty = elements == 0 && others.elements() == 0;
        const std::int64_t rest = empty ? elements_but_zeros(others) : others.elements();
        const std::int64_t all = empty ? elements_but_zeros(in) : elements;
        if (rest == 0 || all % rest != 0) fail(Code::shape, "cannot reshape ", in, " to ", out);
        out[axis] = all / rest;
    } else if (out.elements() != elements) {
        fail(Code::shape, "cannot reshape ", in, " to ", out);
    }
}

Shapes reshape_shape(const Arguments& a) {
    std::vector<std::int64_t> dims;
    bool known = a.shape("x").is_known();
    int open = 0;
    for (const Size size : a.sizes("shape")) {
        if (size && *size < -1) fail(Code::config, "argument 'shape': wanted sizes or -1, found ", *size);
        known = known && size.has_value();
        open += size == -1;
        dims.push_back(size.value_or(Shape::unknown));
    }
    if (open > 1) fail(Code::config, "argument 'shape': wanted at most one -1, found ", open);
    Shape out(std::move(dims));
    if (known) close_open_dim(out, a.shape("x"));
    return {out};
}

Shapes expanded_shape(const Arguments& a) {
    const Shape in = a.shape("x");
    const std::vector<std::int64_t> given = a.integers("axis");
    const std::size_t rank = in.rank() + given.size();
    const std::vector<std::size_t> axes = AxisList{given, true}.resolve(rank);
    std::vector<std::int64_t> dims = in.dims();
    for (const std::size_t axis : axes) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    return {Shape(std::move(dims))};
}

Shapes squeezed_shape(const Arguments& a) {
    const Shape in = a.shape("x");
    const std::vector<std::int64_t> given = a.given("axis") ? a.integers("axis") : std::vector<std::int64_t>{};
    const bool all = a.keras3() ? !a.given("axis") : given.empty();  // TensorFlow takes no axes as all axes
    std::vector<std::size_t> axes = AxisList{given, true}.resolve(in.rank());
    for (std::size_t axis = 0; axis < in.rank() && all; ++axis) {
        if (in[axis] == Shape::unknown) fail(Code::unsupported, "squeeze of all axes of the unknown shape ", in);
        if (in[axis] == 1) axes.push_back(axis);
    }
    std::vector<std::int64_t> dims;
    for (std::size_t axis = 0; axis < in.rank(); ++axis) {
        const bool gone = std::count(axes.begin(), axes.end(), axis) > 0;
        if (!gone) dims.push_back(in[axis]);
        else if (in[axis] != 1 && in[axis] != Shape::unknown)
            fail(Code::shape, "wanted a size of 1 on axis ", axis, ", found shape ", in);
    }
    return {Shape(std::move(dims))};
}

Permutation permutation(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    Permutation order(rank);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::reverse(order.begin(), order.end());
    if (!a.given("axes")) return order;
    const std::vector<std::int64_t> axes = a.integers("axes");
    Permutation given;
    for (const std::int64_t axis : axes) given.push_back(resolve_axis(axis, rank));
    Permutation sorted = given;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    if (sorted != order) fail(Code::config, "argument 'axes': wanted every axis once, found ", Shape(axes));
    return given;
}

DType list_dtype(const Arguments& a) { return common_dtype(a, a.list("x")); }

Tensors parts_of(const Arguments& a) {
    Tensors parts;
    for (const Operand* part : a.list("x")) parts.push_back(a.tensor(*part, list_dtype(a)));
    return parts;
}

Shapes concatenated_shape(const Arguments& a) {
    const auto parts = a.list("x");
    Shape out = a.shape(*parts.front());
    const std::size_t axis = resolve_axis(a.integer("axis"), out.rank());
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const Shape next = a.shape(*parts[i]);
        if (next.rank() != out.rank() || !next.with(axis, 0).is_compatible_with(out.with(axis, 0)))
            fail(Code::shape, "inputs must be alike but for axis ", axis, ", found shapes ", out, " and ", next);
        for (std::size_t k = 0; k < out.rank(); ++k)
            out[k] = k == axis ? joined(out[k], next[k]) : std::max(out[k], next[k]);
    }
    return {out};
}

Tensors concatenate_run(const Arguments& a) {
    return {concatenate(parts_of(a), resolve_axis(a.integer("axis"), concatenated_shape(a).front().rank()))};
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
Pieces pieces(const Arguments& a) {
    const Shape shape = a.shape("x");
    Pieces result{resolve_axis(a.integer("axis"), shape.rank()), {}};
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

Shapes split_shape(const Arguments& a) {
    const Pieces parts = pieces(a);
    Shapes shapes;
    for (const std::int64_t size : parts.sizes) shapes.push_back(a.shape("x").with(parts.axis, size));
    return shapes;
}

Tensor range_of(const Tensor& x, std::size_t axis, std::int64_t first, std::int64_t size) {
    if (size < 0) fail(Code::shape, "shape ", x.shape(), " is too small to be split");
    std::vector<std::int64_t> from(static_cast<std::size_t>(size));
    std::iota(from.begin(), from.end(), first);
    return take(x, axis, from);
}

Tensors split_run(const Arguments& a) {
    const Tensor x = x_itself(a);
    const Pieces parts = pieces(a);
    Tensors outputs;
    std::int64_t first = 0;
    for (const std::int64_t size : parts.sizes) {
        outputs.push_back(range_of(x, parts.axis, first, size));
        first += size;
    }
    return outputs;
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

DType shape_dtype(const Arguments& a) {
    return a.keras3() || !a.given("out_type") ? DType::int32 : a.dtype_named("out_type");
}

Tensors shape_run(const Arguments& a) {
    return {
        Tensor::from(Shape{static_cast<std::int64_t>(a.shape("x").rank())}, a.shape("x").dims()).cast(shape_dtype(a))};
}

DType like_dtype(const Arguments& a) { return a.given("dtype") ? a.dtype_named("dtype") : a.dtype("x"); }

Op filled_like(std::vector<std::string_view> tf, std::vector<std::string_view> keras3, std::string_view signature,
               int number) {
    return {
        std::move(tf), std::move(keras3), signature, same_shape, like_dtype, [number](const Arguments& a) -> Tensors {
            const DType dtype = carried(like_dtype(a));
            return {broadcast_to(Tensor::from(Shape{}, std::vector<double>{static_cast<double>(number)}).cast(dtype),
                                 a.shape("x"))};
        }};
}

Shapes broadcast_target(const Arguments& a) {
    std::vector<std::int64_t> dims;
    for (const Size size : a.sizes("shape")) {
        if (size && *size < 0) fail(Code::unsupported, "argument 'shape': wanted sizes, found ", *size);
        dims.push_back(size.value_or(Shape::unknown));
    }
    return {Shape(std::move(dims))};
}

}  // namespace

const OpList& shaping_ops() {
    static const OpList ops = {
        {{"identity", "stop_gradient"},
         {"Identity", "StopGradient"},
         "x|input|variable",
         same_shape,
         same_dtype,
         [](const Arguments& a) -> Tensors { return {x_itself(a)}; }},
        {{"reshape"}, {"Reshape"}, "x|tensor shape|newshape", reshape_shape, same_dtype, under(reshape_shape)},
        {{"expand_dims", "compat.v1.expand_dims"},
         {"ExpandDims"},
         "x|input axis",
         expanded_shape,
         same_dtype,
         under(expanded_shape)},
        {{"squeeze", "compat.v1.squeeze"},
         {"Squeeze"},
         "x|input axis|squeeze_dims=null",
         squeezed_shape,
         same_dtype,
         under(squeezed_shape)},
        {{"transpose", "compat.v1.transpose"},
         {"Transpose"},
         "x|a axes|perm=null !conjugate=false",
         [](const Arguments& a) -> Shapes { return {transposed_shape(a.shape("x"), permutation(a))}; },
         same_dtype,
         [](const Arguments& a) -> Tensors { return {transpose(x_itself(a), permutation(a))}; }},
        {{"concat"}, {}, "x|values axis", concatenated_shape, list_dtype, concatenate_run},
        {{}, {"Concatenate"}, "x axis=0", concatenated_shape, list_dtype, concatenate_run},
        {{"stack"}, {"Stack"}, "x|values axis=0", stacked_shape, list_dtype, stack_run},
        {{"split"}, {}, "x|value parts|num_or_size_splits axis=0 !num=null", split_shape, same_dtype, split_run},
        {{}, {"Split"}, "x parts|indices_or_sections axis=0", split_shape, same_dtype, split_run},
        {{"unstack"}, {"Unstack"}, "x|value num=null axis=0", unstack_shape, same_dtype, unstack_run},
        {{"shape", "compat.v1.shape"},
         {},
         "x|input out_type=int32",
         [](const Arguments& a) -> Shapes { return {Shape{static_cast<std::int64_t>(a.shape("x").rank())}}; },
         shape_dtype,
         shape_run},
        filled_like({"zeros_like", "compat.v1.zeros_like"}, {}, "x|input|tensor dtype=null ~optimize", 0),
        filled_like({"ones_like", "compat.v1.ones_like"}, {}, "x|input|tensor dtype=null ~optimize", 1),
        filled_like({}, {"ZerosLike"}, "x dtype=null", 0),
        filled_like({}, {"OnesLike"}, "x dtype=null", 1),
        {{"broadcast_to"},
         {"BroadcastTo"},
         "x|input shape",
         broadcast_target,
         same_dtype,
         [](const Arguments& a) -> Tensors { return {broadcast_to(x_itself(a), broadcast_target(a).front())}; }},
    };
    return ops;
}

}  // namespace layerctl::ops
