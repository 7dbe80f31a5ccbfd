// Matrix products and Einstein sums.
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

/// The float dtype in which two tensors are multiplied.
DType product_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"x", "y"});
    if (!is_floating(dtype)) fail(Code::unsupported, "matrix products of ", dtype);
    return dtype;
}

/// The matrices of a product: (batch…, m, k) times (batch…, k, n).
struct Factors {
    Shape batch;
    std::int64_t m, k, n;
};

Shape matrix_batch(const Shape& shape) {
    if (shape.rank() < 2) fail(Code::unsupported, "wanted matrices, found shape ", shape);
    return shape.slice(0, shape.rank() - 2);
}

// Keras 3 has no arguments to transpose.
bool transposes(const Arguments& a, const char* transpose, const char* adjoint) {
    if (a.keras3()) return false;
    if (a.flag(transpose) && a.flag(adjoint)) fail(Code::config, "a matrix is both transposed and adjoint");
    return a.flag(transpose) || a.flag(adjoint);
}

Factors factors(const Arguments& a) {
    const Shape x = a.shape("x"), y = a.shape("y");
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
    dims.insert(dims.end(), {f.m, f.n});
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

Tensors matmul_run(const Arguments& a) {
    const DType dtype = carried(product_dtype(a));
    const Factors f = factors(a);
    const Tensor x = over_batch(a.tensor(a.operand("x"), dtype), f.batch);
    const Tensor y = over_batch(a.tensor(a.operand("y"), dtype), f.batch);
    Tensor out(dtype, matmul_shape(a).front());
    if (out.elements() > 0 && f.k > 0) with_float(dtype, [&]<class T>(Type<T>) { multiply_all<T>(a, f, x, y, out); });
    return {out};
}

std::string equation(const Arguments& a) {
    std::string text;
    for (const char c : a.text("subscripts"))
        if (c != ' ') text += c;
    return text;
}

Einsum einsum_plan(const Arguments& a) {
    const auto operands = a.list("operands");
    if (operands.size() != 2) fail(Code::unsupported, "wanted an einsum of two tensors, found ", operands.size());
    return parse_einsum(equation(a), a.shape(*operands[0]).rank(), a.shape(*operands[1]).rank());
}

DType einsum_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, a.list("operands"));
    if (!is_floating(dtype)) fail(Code::unsupported, "an einsum of ", dtype);
    return dtype;
}

void name_dims(const std::string& letters, const Shape& shape, std::vector<std::pair<char, std::int64_t>>& sizes) {
    if (letters.size() != shape.rank()) fail(Code::shape, "wanted rank ", letters.size(), ", found shape ", shape);
    for (std::size_t i = 0; i < letters.size(); ++i) {
        for (auto& [letter, size] : sizes) {
            if (letter != letters[i]) continue;
            if (size != shape[i] && size != Shape::unknown && shape[i] != Shape::unknown)
                fail(Code::shape, "axis '", letters[i], "' is ", size, " and ", shape[i], " long");
            size = std::max(size, shape[i]);
        }
        sizes.emplace_back(letters[i], shape[i]);
    }
}

Shapes einsum_shape(const Arguments& a) {
    const Einsum plan = einsum_plan(a);
    const auto operands = a.list("operands");
    std::vector<std::pair<char, std::int64_t>> sizes;
    name_dims(plan.a, a.shape(*operands[0]), sizes);
    name_dims(plan.b, a.shape(*operands[1]), sizes);
    std::vector<std::int64_t> dims;
    for (const char letter : plan.y)
        for (const auto& [name, size] : sizes)
            if (name == letter) {
                dims.push_back(size);
                break;
            }
    return {Shape(std::move(dims))};
}

Tensors einsum_run(const Arguments& a) {
    const DType dtype = carried(einsum_dtype(a));
    const auto operands = a.list("operands");
    return {einsum(einsum_plan(a), a.tensor(*operands[0], dtype), a.tensor(*operands[1], dtype))};
}

Tensors bias_run(const Arguments& a) {
    const DType dtype = carried(product_dtype(a));
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
         product_dtype,
         matmul_run},
        {{}, {"Matmul"}, "x y", matmul_shape, product_dtype, matmul_run},
        {{}, {"Einsum"}, "*operands subscripts", einsum_shape, einsum_dtype, einsum_run},
        {{"nn.bias_add"}, {}, "x|value y|bias data_format=null", bias_shape, product_dtype, bias_run},
    };
    return ops;
}

}  // namespace layerctl::ops
