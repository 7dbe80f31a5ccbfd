// Operations on shapes: reshape, new and dropped axes, transposition, and what a shape is.
#include <algorithm>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

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

/// An operation that moves axes; `order` says where to.
Op transposition(Names tf, Names keras3, std::string_view signature, Permutation (*order)(const Arguments&)) {
    return {std::move(tf),
            std::move(keras3),
            signature,
            [order](const Arguments& a) -> Shapes { return {transposed_shape(a.shape("x"), order(a))}; },
            same_dtype,
            [order](const Arguments& a) -> Tensors { return {transpose(x_itself(a), order(a))}; },
            [order](const Arguments& a) -> std::optional<Request> {
                if (!is_input(a.operand("x"), 0)) return {};
                return permuted(a.shape("x"), order(a));
            }};
}

Permutation identity(std::size_t rank) {
    Permutation order(rank);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

Permutation swapped(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    Permutation order = identity(rank);
    std::swap(order[resolve_axis(a.integer("axis1"), rank)], order[resolve_axis(a.integer("axis2"), rank)]);
    return order;
}

Permutation matrix_transposed(const Arguments& a) {
    Permutation order = identity(a.shape("x").rank());
    if (order.size() < 2) fail(Code::shape, "wanted matrices, found shape ", a.shape("x"));
    std::swap(order[order.size() - 2], order.back());
    return order;
}

// The axes that are not named keep their order around the others.
Permutation moved(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    const std::vector<std::int64_t> from = a.integers("source"), to = a.integers("destination");
    if (from.size() != to.size())
        fail(Code::config, "wanted as many destinations as sources, found ", to.size(), " and ", from.size());
    std::vector<std::pair<std::size_t, std::size_t>> moves;
    Permutation order = identity(rank);
    for (std::size_t i = 0; i < from.size(); ++i) {
        moves.emplace_back(resolve_axis(to[i], rank), resolve_axis(from[i], rank));
        if (std::erase(order, moves.back().second) == 0)
            fail(Code::config, "argument 'source': axis ", from[i], " is named twice");
    }
    std::sort(moves.begin(), moves.end());
    for (const auto& [at, axis] : moves) {
        if (at > order.size()) fail(Code::config, "argument 'destination': an axis is named twice");
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), axis);
    }
    return order;
}

// Turns of a quarter in a plane, from the first axis to the second.
struct Turn {
    std::size_t from, to;
    std::int64_t quarters;
};

Turn turn(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    const std::vector<std::int64_t> axes = a.integers("axes");
    if (axes.size() != 2) fail(Code::config, "argument 'axes': wanted two axes, found ", axes.size());
    const Turn plan{resolve_axis(axes[0], rank), resolve_axis(axes[1], rank), (a.integer("k") % 4 + 4) % 4};
    if (plan.from == plan.to) fail(Code::config, "argument 'axes': wanted two axes, found one twice");
    return plan;
}

Shapes turned_shape(const Arguments& a) {
    const Turn plan = turn(a);
    Shape shape = a.shape("x");
    if (plan.quarters % 2 == 1) std::swap(shape[plan.from], shape[plan.to]);
    return {shape};
}

/// Matrices turned by a quarter.
Tensor turned(const Tensor& x) {
    const std::size_t rank = x.shape().rank();
    Permutation swap = identity(rank);
    std::swap(swap[rank - 2], swap[rank - 1]);
    std::vector<std::int64_t> backwards(static_cast<std::size_t>(x.shape().back()));
    std::iota(backwards.rbegin(), backwards.rend(), std::int64_t{0});
    return transpose(take(x, rank - 1, backwards), swap);
}

// Keras lays the elements of the first turn out anew in the shape of the last one before it goes on.
Tensors rot90(const Arguments& a) {
    const Turn plan = turn(a);
    if (plan.quarters == 0) return {x_itself(a)};
    Permutation order = to_back({plan.from, plan.to}, a.shape("x").rank());
    order[order.size() - 2] = plan.from;
    order[order.size() - 1] = plan.to;
    Tensor x = transpose(x_itself(a), order);
    const Shape out = transposed_shape(turned_shape(a).front(), order);
    x = turned(x);
    for (std::int64_t i = 1; i < plan.quarters; ++i) x = turned(i == 1 ? x.reshaped(out) : x);
    return {transpose(x.reshaped(out), inverse(order))};
}

Shapes raveled_shape(const Arguments& a) {
    return {Shape{a.shape("x").is_known() ? a.shape("x").elements() : Shape::unknown}};
}

DType converted_dtype(const Arguments& a) { return a.given("dtype") ? a.dtype_named("dtype") : a.dtype("x"); }

Tensors converted(const Arguments& a) {
    const DType dtype = converted_dtype(a);
    return {x_itself(a).cast(dtype).cast(carried(dtype))};
}

Shapes scalar(const Arguments&) { return {Shape{}}; }

DType shape_dtype(const Arguments& a) {
    return a.keras3() || !a.has("out_type") || !a.given("out_type") ? DType::int32 : a.dtype_named("out_type");
}

Tensors size_run(const Arguments& a) {
    return {Tensor::from(Shape{}, std::vector{a.shape("x").elements()}).cast(shape_dtype(a))};
}

Tensors rank_run(const Arguments& a) {
    return {Tensor::from(Shape{}, std::vector{static_cast<std::int32_t>(a.shape("x").rank())})};
}

Tensors shape_run(const Arguments& a) {
    return {
        Tensor::from(Shape{static_cast<std::int64_t>(a.shape("x").rank())}, a.shape("x").dims()).cast(shape_dtype(a))};
}

Shapes broadcast_target(const Arguments& a) {
    std::vector<std::int64_t> dims;
    for (const Size size : a.sizes("shape")) {
        if (size && *size < 0) fail(Code::unsupported, "argument 'shape': wanted sizes, found ", *size);
        dims.push_back(size.value_or(Shape::unknown));
    }
    return {Shape(std::move(dims))};
}

OpList reshapes() {
    return {
        {{"identity", "stop_gradient", "ensure_shape"},
         {"Identity", "StopGradient", "Copy"},
         "x|input|variable ~shape",
         same_shape,
         same_dtype,
         [](const Arguments& a) -> Tensors { return {x_itself(a)}; },
         passed_on},
        {{"reshape"},
         {"Reshape"},
         "x|tensor shape|newshape",
         reshape_shape,
         same_dtype,
         under(reshape_shape),
         passed_on},
        {{"expand_dims", "compat.v1.expand_dims"},
         {"ExpandDims"},
         "x|input axis",
         expanded_shape,
         same_dtype,
         under(expanded_shape),
         passed_on},
        {{"squeeze", "compat.v1.squeeze"},
         {"Squeeze"},
         "x|input axis|squeeze_dims=null",
         squeezed_shape,
         same_dtype,
         under(squeezed_shape),
         passed_on},
        {{}, {"Ravel"}, "x", raveled_shape, same_dtype, under(raveled_shape), passed_on},
        {{"convert_to_tensor"}, {}, "x|value dtype=null ~dtype_hint", same_shape, converted_dtype, converted,
         passed_on},
        {{}, {"ConvertToTensor"}, "x dtype=null !sparse=null !ragged=null", same_shape, converted_dtype, converted,
         passed_on},
        {{}, {"Array"}, "x dtype=null", same_shape, converted_dtype, converted, passed_on},
    };
}

OpList transpositions() {
    return {
        transposition({"transpose", "compat.v1.transpose"}, {"Transpose"}, "x|a axes|perm=null ~conjugate", permutation),
        transposition({"linalg.matrix_transpose", "linalg.adjoint"}, {}, "x|a|matrix ~conjugate", matrix_transposed),
        transposition({}, {"Swapaxes"}, "x axis1 axis2", swapped),
        transposition({}, {"Moveaxis"}, "x source destination", moved),
        {{}, {"Rot90"}, "x|array k=1 axes=[0,1]", turned_shape, same_dtype, rot90},
    };
}

OpList shapes_as_numbers() {
    return {
        {{"shape", "compat.v1.shape"},
         {},
         "x|input out_type=int32",
         [](const Arguments& a) -> Shapes { return {Shape{static_cast<std::int64_t>(a.shape("x").rank())}}; },
         shape_dtype,
         shape_run},
        {{"broadcast_to"},
         {"BroadcastTo"},
         "x|input shape",
         broadcast_target,
         same_dtype,
         [](const Arguments& a) -> Tensors { return {broadcast_to(x_itself(a), broadcast_target(a).front())}; }},
        {{"size", "compat.v1.size"}, {"Size"}, "x|input out_type=int32", scalar, shape_dtype, size_run},
        {{"rank"}, {}, "x|input", scalar, shape_dtype, rank_run},
    };
}

}  // namespace

const OpList& shaping_ops() {
    static const OpList ops = [] {
        OpList list = reshapes();
        for (const auto& part : {transpositions(), shapes_as_numbers()}) list.insert(list.end(), part.begin(), part.end());
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
