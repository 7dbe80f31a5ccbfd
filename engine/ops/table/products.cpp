// Products of matrices and tensors.
#include <algorithm>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/table/contraction.hpp"
#include "engine/ops/table/integers.hpp"

namespace layerctl::ops {
namespace {

/// The matrices of a product: (batch…, m, k) times (batch…, k, n).
struct Factors {
    Shape batch;
    std::int64_t m, k, n;
};

// Keras 3 has no arguments to transpose.
bool transposes(const Arguments& a, const char* transpose, const char* adjoint) {
    if (!a.has(transpose)) return false;
    if (a.flag(transpose) && a.flag(adjoint)) fail(Code::config, "a matrix is both transposed and adjoint");
    return a.flag(transpose) || a.flag(adjoint);
}

// A vector is a matrix of one row on the left, of one column on the right.
Shape left_matrix(const Arguments& a) {
    const Shape x = a.shape(a.operand(0));
    return x.rank() == 1 && a.keras3() ? Shape{1, x[0]} : x;
}
Shape right_matrix(const Arguments& a) {
    const Shape y = a.shape(a.operand(1));
    return y.rank() == 1 && a.keras3() ? Shape{y[0], 1} : y;
}

Shape matrix_batch(const Shape& shape) {
    if (shape.rank() < 2) fail(Code::unsupported, "wanted matrices, found shape ", shape);
    return shape.slice(0, shape.rank() - 2);
}

Factors factors(const Arguments& a) {
    const Shape x = left_matrix(a), y = right_matrix(a);
    const Shape batch = broadcast_shape(matrix_batch(x), matrix_batch(y));
    const bool tx = transposes(a, "transpose_a", "adjoint_a"), ty = transposes(a, "transpose_b", "adjoint_b");
    const std::int64_t k = x[x.rank() - (tx ? 2 : 1)], other = y[y.rank() - (ty ? 1 : 2)];
    if (k != other && k != Shape::unknown && other != Shape::unknown)
        fail(Code::shape, "shapes ", x, " and ", y, " cannot be multiplied");
    return {batch, x[x.rank() - (tx ? 1 : 2)], k, y[y.rank() - (ty ? 2 : 1)]};
}

Shapes matmul_shape(const Arguments& a) {
    const Factors f = factors(a);
    std::vector<std::int64_t> dims = f.batch.dims();
    if (a.shape(a.operand(0)).rank() > 1) dims.push_back(f.m);
    if (a.shape(a.operand(1)).rank() > 1) dims.push_back(f.n);
    return {Shape(std::move(dims))};
}

Tensor over_batch(const Tensor& x, const Shape& batch) {
    std::vector<std::int64_t> dims = batch.dims();
    dims.insert(dims.end(), {x.shape()[x.shape().rank() - 2], x.shape().back()});
    return broadcast_to(x, Shape(std::move(dims)));
}

template <class T>
void multiply_all(const Arguments& a, const Factors& f, const Tensor& x, const Tensor& y, Tensor& out) {
    Gemm<T> g{.m = f.m, .n = f.n, .k = f.k};
    g.transpose_a = transposes(a, "transpose_a", "adjoint_a");
    g.transpose_b = transposes(a, "transpose_b", "adjoint_b");
    g.lda = g.transpose_a ? f.m : f.k;
    g.ldb = g.transpose_b ? f.k : f.n;
    g.ldc = f.n;
    g.a = x.values<T>().data();
    g.b = y.values<T>().data();
    g.c = out.mutable_values<T>().data();
    for (std::int64_t i = f.batch.elements(); i > 0; --i, g.a += f.m * f.k, g.b += f.k * f.n, g.c += f.m * f.n) gemm(g);
}

/// int8 times int8 is int32 in Keras 3, but for vectors, whose rank shows at a run only.
DType matmul_dtype(const Arguments& a) {
    const DType dtype = product_dtype(a);
    if (a.keras3() && dtype == DType::int8) return DType::int32;
    return dtype;
}

Tensors matmul_run(const Arguments& a) {
    const DType result = matmul_dtype(a), dtype = computed_dtype(a, result);
    const Factors f = factors(a);
    const Tensor x = over_batch(a.made_tensor(a.operand(0), dtype).reshaped(left_matrix(a)), f.batch);
    const Tensor y = over_batch(a.made_tensor(a.operand(1), dtype).reshaped(right_matrix(a)), f.batch);
    std::vector<std::int64_t> dims = f.batch.dims();
    dims.insert(dims.end(), {f.m, f.n});
    Tensor out(dtype, Shape(std::move(dims)));
    if (out.elements() > 0 && f.k > 0) with_float(dtype, [&]<class T>(Type<T>) { multiply_all<T>(a, f, x, y, out); });
    if (a.keras3() && product_dtype(a) == DType::int8 && (a.shape(a.operand(0)).rank() == 1 || a.shape(a.operand(1)).rank() == 1))
        fail(Code::unsupported, "products of int8 vectors");
    return {out.reshaped(matmul_shape(a).front()).cast(carried(result))};
}

/// The entry of a product summed over `axes`; without them every number is multiplied with the other.
Op contraction(Names tf, Names keras3, std::string_view signature, Contraction (*axes)(const Arguments&)) {
    const auto scalar = [](const Arguments& a) {
        return a.keras3() && (a.shape(a.operand(0)).rank() == 0 || a.shape(a.operand(1)).rank() == 0);
    };
    const auto shapes = [=](const Arguments& a) -> Shapes {
        if (scalar(a)) return pair_shape(a);
        return {contracted_shape(a.shape(a.operand(0)), a.shape(a.operand(1)), axes(a))};
    };
    return {std::move(tf), std::move(keras3), signature, shapes, product_dtype, [=](const Arguments& a) -> Tensors {
                const DType result = product_dtype(a), dtype = computed_dtype(a, result);
                const Tensor x = a.made_tensor(a.operand(0), dtype), y = a.made_tensor(a.operand(1), dtype);
                const Contraction over = scalar(a) ? Contraction{} : axes(a);
                return {contracted(x, y, over).reshaped(shapes(a).front()).cast(carried(result))};
            }};
}

std::size_t rank_of(const Arguments& a, std::size_t i) { return a.shape(a.operand(i)).rank(); }

Contraction dot_axes(const Arguments& a) {
    const std::size_t y = rank_of(a, 1);
    return {{rank_of(a, 0) - 1}, {y == 1 ? 0 : y - 2}};
}

Contraction inner_axes(const Arguments& a) { return {{rank_of(a, 0) - 1}, {rank_of(a, 1) - 1}}; }

std::vector<std::size_t> named_axes(const Value& value, std::size_t rank) {
    if (value.integer() != nullptr) return {resolve_axis(*value.integer(), rank)};
    std::vector<std::size_t> axes;
    if (value.array() == nullptr) fail(Code::unsupported, "argument 'axes': wanted axes, found ", excerpt(value));
    for (const Value& item : *value.array()) {
        if (item.integer() == nullptr) fail(Code::unsupported, "argument 'axes': wanted axes, found ", excerpt(value));
        axes.push_back(resolve_axis(*item.integer(), rank));
    }
    return axes;
}

// A number of axes: the last of x with the first of y. Or the axes of each.
Contraction tensordot_axes(const Arguments& a) {
    const std::size_t x = rank_of(a, 0), y = rank_of(a, 1);
    const Value& axes = a.constant("axes");
    Contraction plan;
    if (axes.integer() != nullptr) {
        const std::int64_t count = *axes.integer();
        if (count < 0 || count > static_cast<std::int64_t>(std::min(x, y)))
            fail(Code::config, "argument 'axes': ", count, " for ranks ", x, " and ", y);
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            plan.x.push_back(x - static_cast<std::size_t>(count) + i);
            plan.y.push_back(i);
        }
        return plan;
    }
    if (axes.array() == nullptr || axes.array()->size() != 2)
        fail(Code::unsupported, "argument 'axes': wanted a number or two lists, found ", excerpt(axes));
    plan = {named_axes((*axes.array())[0], x), named_axes((*axes.array())[1], y)};
    if (plan.x.size() != plan.y.size())
        fail(Code::config, "argument 'axes': wanted as many axes of each, found ", excerpt(axes));
    return plan;
}

std::int64_t elements_of(const Shape& shape) { return shape.is_known() ? shape.elements() : Shape::unknown; }

// The sum of products of all elements.
Op vdot() {
    const auto shapes = [](const Arguments& a) -> Shapes {
        return {contracted_shape(Shape{elements_of(a.shape("x"))}, Shape{elements_of(a.shape("y"))}, {{0}, {0}})};
    };
    return {{}, {"Vdot"}, "x y", shapes, product_dtype, [](const Arguments& a) -> Tensors {
                const DType result = product_dtype(a), dtype = computed_dtype(a, result);
                const Tensor x = a.made_tensor(a.operand(0), dtype), y = a.made_tensor(a.operand(1), dtype);
                return {contracted(x.reshaped(Shape{x.shape().elements()}), y.reshaped(Shape{y.shape().elements()}),
                                   {{0}, {0}})
                            .cast(carried(result))};
            }};
}

/// Products of every element of x with parts of y, in the dtype of both.
Tensor multiplied(const Arguments& a, const Shape& x, const Shape& y) {
    const DType dtype = product_dtype(a);
    const Tensor left = a.made_tensor(a.operand(0), dtype).reshaped(x);
    const Tensor right = a.made_tensor(a.operand(1), dtype).reshaped(y);
    Tensor out;
    with_arithmetic(left.dtype(),
                    [&]<class T>(Type<T>) { out = mapped<T>(left, right, broadcast_shape(x, y), Times{}); });
    return out;
}

Op outer() {
    const auto shapes = [](const Arguments& a) -> Shapes {
        return {Shape{elements_of(a.shape("x")), elements_of(a.shape("y"))}};
    };
    return {{}, {"Outer"}, "x y", shapes, product_dtype, [shapes](const Arguments& a) -> Tensors {
                const Shape shape = shapes(a).front();
                return {multiplied(a, Shape{shape[0], 1}, Shape{shape[1]})};
            }};
}

/// Kronecker: each size is the product of those of x and y, whose ranks are made equal.
Op kron() {
    const auto padded = [](const Shape& shape, std::size_t rank) {
        std::vector<std::int64_t> dims = shape.dims();
        dims.insert(dims.begin(), rank - dims.size(), 1);
        return dims;
    };
    const auto rank = [](const Arguments& a) { return std::max(rank_of(a, 0), rank_of(a, 1)); };
    const auto shapes = [=](const Arguments& a) -> Shapes {
        std::vector<std::int64_t> x = padded(a.shape("x"), rank(a)), y = padded(a.shape("y"), rank(a));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = x[i] == Shape::unknown || y[i] == Shape::unknown ? Shape::unknown : x[i] * y[i];
        return {Shape(std::move(x))};
    };
    return {{}, {"Kron"}, "x y", shapes, product_dtype, [=](const Arguments& a) -> Tensors {
                std::vector<std::int64_t> left, right;
                for (const std::int64_t n : padded(a.shape("x"), rank(a))) left.insert(left.end(), {n, 1});
                for (const std::int64_t n : padded(a.shape("y"), rank(a))) right.insert(right.end(), {1, n});
                return {multiplied(a, Shape(left), Shape(right)).reshaped(shapes(a).front())};
            }};
}

Shapes matvec_shape(const Arguments& a) {
    const Shape x = a.shape("x"), y = a.shape("y");
    if (x.rank() < 2 || y.rank() < 1) fail(Code::shape, "wanted matrices and vectors, found ", x, " and ", y);
    const bool turned = transposes(a, "transpose_a", "adjoint_a");
    std::vector<std::int64_t> dims = broadcast_shape(matrix_batch(x), y.slice(0, y.rank() - 1)).dims();
    dims.push_back(x[x.rank() - (turned ? 1 : 2)]);
    return {Shape(std::move(dims))};
}

Tensors matvec(const Arguments& a) {
    const DType result = product_dtype(a), dtype = computed_dtype(a, result);
    const Shape out = matvec_shape(a).front();
    const Tensor x = over_batch(a.tensor(a.operand("x"), dtype), out.slice(0, out.rank() - 1));
    Tensor y = a.tensor(a.operand("y"), dtype);
    y = broadcast_to(y, out.with_back(y.shape().back()));
    const bool turned = transposes(a, "transpose_a", "adjoint_a");
    const Factors f{out.slice(0, out.rank() - 1), out.back(), y.shape().back(), 1};
    if (x.shape()[x.shape().rank() - (turned ? 2 : 1)] != f.k)
        fail(Code::shape, "shapes ", a.shape("x"), " and ", a.shape("y"), " cannot be multiplied");
    Tensor product(dtype, out);
    if (product.elements() > 0 && f.k > 0)
        with_float(dtype, [&]<class T>(Type<T>) {
            Gemm<T> g{.m = f.m, .n = 1, .k = f.k};
            g.transpose_a = turned;
            g.lda = turned ? f.m : f.k;
            g.ldb = g.ldc = 1;
            g.a = x.values<T>().data();
            g.b = y.values<T>().data();
            g.c = product.mutable_values<T>().data();
            for (std::int64_t i = f.batch.elements(); i > 0; --i, g.a += f.m * f.k, g.b += f.k, g.c += f.m) gemm(g);
        });
    return {product.cast(carried(result))};
}

Tensors bias_run(const Arguments& a) {
    const DType dtype = carried(product_dtype(a));
    if (!is_floating(dtype)) fail(Code::unsupported, "a bias of ", dtype);
    Tensor y = a.tensor(a.operand("x"), dtype);
    add_bias(y, a.tensor(a.operand("y"), dtype));
    return {y};
}

Shapes bias_shape(const Arguments& a) {
    const Shape x = a.shape("x"), bias = a.shape("y");
    if (a.given("data_format") && a.text("data_format").substr(0, 2) == "NC" && a.text("data_format") != "NC")
        fail(Code::unsupported, "argument 'data_format': channels first");
    if (bias.rank() != 1 || x.rank() < 2 || (x.back() != bias[0] && x.back() != Shape::unknown))
        fail(Code::shape, "wanted a bias for the last axis of ", x, ", found shape ", bias);
    return {x};
}

}  // namespace

const OpList& product_ops() {
    static const OpList ops = {
        {{"linalg.matmul", "matmul"},
         {},
         "x|a y|b transpose_a=false transpose_b=false adjoint_a=false adjoint_b=false ~a_is_sparse ~b_is_sparse "
         "!output_type=null ~grad_a ~grad_b",
         matmul_shape,
         matmul_dtype,
         matmul_run},
        {{}, {"Matmul"}, "x y", matmul_shape, matmul_dtype, matmul_run},
        {{"linalg.matvec"},
         {},
         "x|a y|b transpose_a=false adjoint_a=false ~a_is_sparse ~b_is_sparse",
         matvec_shape,
         product_dtype,
         matvec},
        contraction({}, {"Dot"}, "x y", dot_axes),
        contraction({}, {"Inner"}, "x y", inner_axes),
        contraction({"tensordot"}, {}, "x|a y|b axes", tensordot_axes),
        contraction({}, {"Tensordot"}, "x y axes=2", tensordot_axes),
        vdot(),
        outer(),
        kron(),
        {{"nn.bias_add"}, {}, "x|value y|bias data_format=null", bias_shape, product_dtype, bias_run},
    };
    return ops;
}

}  // namespace layerctl::ops
