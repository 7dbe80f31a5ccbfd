#include "engine/ops/table/contraction.hpp"

#include <algorithm>
#include <numeric>

#include "engine/ops/matmul.hpp"

namespace layerctl::ops {
namespace {

std::vector<std::size_t> others(std::size_t rank, const std::vector<std::size_t>& axes) {
    std::vector<std::size_t> rest;
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (std::find(axes.begin(), axes.end(), axis) == axes.end()) rest.push_back(axis);
    return rest;
}

}  // namespace

Shape contracted_shape(const Shape& x, const Shape& y, const Contraction& axes) {
    for (std::size_t i = 0; i < axes.x.size(); ++i) {
        const std::int64_t m = x[axes.x[i]], n = y[axes.y[i]];
        if (m != n && m != Shape::unknown && n != Shape::unknown)
            fail(Code::shape, "shapes ", x, " and ", y, " cannot be multiplied");
    }
    std::vector<std::int64_t> dims;
    for (const std::size_t axis : others(x.rank(), axes.x)) dims.push_back(x[axis]);
    for (const std::size_t axis : others(y.rank(), axes.y)) dims.push_back(y[axis]);
    return Shape(std::move(dims));
}

Tensor contracted(const Tensor& x, const Tensor& y, const Contraction& axes) {
    Tensor out(x.dtype(), contracted_shape(x.shape(), y.shape(), axes));
    Permutation left = others(x.shape().rank(), axes.x), right = axes.y;
    left.insert(left.end(), axes.x.begin(), axes.x.end());
    const auto rest = others(y.shape().rank(), axes.y);
    right.insert(right.end(), rest.begin(), rest.end());
    std::int64_t k = 1;
    for (const std::size_t axis : axes.x) k *= x.shape()[axis];
    if (out.elements() == 0 || k == 0) return out;
    const Tensor a = transpose(x, left), b = transpose(y, right);
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        Gemm<T> g{.m = a.shape().elements() / k, .n = b.shape().elements() / k, .k = k};
        g.a = a.values<T>().data();
        g.lda = k;
        g.b = b.values<T>().data();
        g.ldb = g.n;
        g.c = out.mutable_values<T>().data();
        g.ldc = g.n;
        gemm(g);
    });
    return out;
}

DType product_dtype(const Arguments& a) {
    const DType dtype = tensors_pair_dtype(a);
    if (dtype == DType::boolean) fail(Code::unsupported, "products of booleans");
    return dtype;
}

DType computed_dtype(const Arguments& a, DType result) {
    if (is_floating(result)) return carried(result);
    return a.keras3() ? DType::float32 : DType::float64;
}

}  // namespace layerctl::ops
