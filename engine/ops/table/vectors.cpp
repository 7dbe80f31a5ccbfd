// Products and distances of vectors, and matrices made of their powers.
#include <algorithm>
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/contraction.hpp"
#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/lines.hpp"

namespace layerctl::ops {
namespace {

/// A cross product: the axes of x and y that hold vectors of 2 or 3, and where those of the result go.
struct Cross {
    std::size_t x, y;
    std::int64_t result;
};

Cross cross_plan(const Arguments& a) {
    const auto axis = [&](std::string_view name) { return a.integer(a.given("axis") ? "axis" : name); };
    return {resolve_axis(axis("axisa"), a.shape("x").rank()), resolve_axis(axis("axisb"), a.shape("y").rank()),
            axis("axisc")};
}

Shape without(const Shape& shape, std::size_t axis) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    return Shape(std::move(dims));
}

void check_vectors(std::int64_t size) {
    if (size != 2 && size != 3) fail(Code::shape, "wanted vectors of 2 or 3 for a cross product, found ", size);
}

// Of two vectors of 2 there is one number.
Shapes cross_shape(const Arguments& a) {
    const Cross plan = cross_plan(a);
    const Shape x = a.shape("x"), y = a.shape("y");
    check_vectors(x[plan.x]);
    check_vectors(y[plan.y]);
    std::vector<std::int64_t> dims = broadcast_shape(without(x, plan.x), without(y, plan.y)).dims();
    if (x[plan.x] == 2 && y[plan.y] == 2) return {Shape(std::move(dims))};
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(resolve_axis(plan.result, dims.size() + 1)), 3);
    return {Shape(std::move(dims))};
}

/// x with its vectors last and three long, over the common shape.
Tensor vectors(const Tensor& x, std::size_t axis, const Shape& common) {
    const Tensor moved = transpose(x, last(axis, x.shape().rank()));
    std::vector<std::int64_t> dims = common.dims();
    dims.push_back(moved.shape().back());
    const Tensor spread = broadcast_to(moved, Shape(std::move(dims)));
    if (moved.shape().back() == 3) return spread;
    Tensor y;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        y = along_axis<T, T>(spread, spread.shape().rank() - 1, 3, [](const T* from, std::int64_t n, T* to) {
            std::copy_n(from, n, to);
            to[2] = 0;
        });
    });
    return y;
}

Tensors cross(const Arguments& a) {
    const Cross plan = cross_plan(a);
    const DType dtype = product_dtype(a);
    const Tensor x = a.made_tensor(a.operand("x"), dtype), y = a.made_tensor(a.operand("y"), dtype);
    const bool flat = x.shape()[plan.x] == 2 && y.shape()[plan.y] == 2;
    const Shape common = broadcast_shape(without(x.shape(), plan.x), without(y.shape(), plan.y));
    const Tensor left = vectors(x, plan.x, common), right = vectors(y, plan.y, common);
    Tensor out;
    with_arithmetic(left.dtype(), [&]<class T>(Type<T>) {
        const T* r = right.values<T>().data();
        out = along_axis<T, T>(left, common.rank(), flat ? 1 : 3, [&](const T* l, std::int64_t, T* to) {
            const auto component = [&](int i, int k) { return Minus{}(Times{}(l[i], r[k]), Times{}(l[k], r[i])); };
            if (!flat) {
                *to++ = component(1, 2);
                *to++ = component(2, 0);
            }
            *to = component(0, 1);
            r += 3;
        });
    });
    if (flat) return {out.reshaped(common)};
    return {transpose(out, inverse(last(resolve_axis(plan.result, common.rank() + 1), common.rank() + 1)))};
}

// Euclidean distances between the rows of two matrices.
Op cdist() {
    const auto shapes = [](const Arguments& a) -> Shapes {
        const Shape x = a.shape("x"), y = a.shape("y");
        if (x.rank() != 2 || y.rank() != 2 || !x.slice(1, 2).is_compatible_with(y.slice(1, 2)))
            fail(Code::unsupported, "distances between shapes ", x, " and ", y);
        return {Shape{x[0], y[0]}};
    };
    return {{}, {"CDist"}, "x y", shapes, tensors_float_pair_dtype, [shapes](const Arguments& a) -> Tensors {
                const DType dtype = tensors_float_pair_dtype(a);
                const Tensor x = a.made_tensor(a.operand("x"), dtype), y = a.made_tensor(a.operand("y"), dtype);
                return with_float(carried(dtype), [&]<class T>(Type<T>) {
                    const std::int64_t n = x.shape()[1];
                    Tensor out = Tensor::uninitialized(x.dtype(), shapes(a).front());
                    auto to = out.mutable_values<T>().begin();
                    for (std::int64_t i = 0; i < x.shape()[0]; ++i)
                        for (std::int64_t k = 0; k < y.shape()[0]; ++k) {
                            double sum = 0;
                            for (std::int64_t j = 0; j < n; ++j) {
                                const double d = x.values<T>()[static_cast<std::size_t>(i * n + j)] -
                                                 y.values<T>()[static_cast<std::size_t>(k * n + j)];
                                sum += d * d;
                            }
                            *to++ = static_cast<T>(std::sqrt(sum));
                        }
                    return Tensors{out};
                });
            }};
}

std::int64_t columns_of(const Arguments& a) {
    if (a.shape("x").rank() != 1) fail(Code::shape, "wanted a vector, found shape ", a.shape("x"));
    return a.given("N") ? a.integer("N") : a.shape("x")[0];
}

// Powers of each number in a row, descending unless asked otherwise; integers through floats as Keras has it.
Tensors vander(const Arguments& a) {
    const DType dtype = number_dtype(a), computed = computed_dtype(a, dtype);
    const Tensor x = x_as(a, computed);
    const std::int64_t n = columns_of(a);
    const bool increasing = a.flag("increasing");
    return with_float(computed, [&]<class T>(Type<T>) {
        Tensor y = Tensor::uninitialized(computed, Shape{x.shape()[0], n});
        auto to = y.mutable_values<T>().begin();
        for (const T value : x.values<T>())
            for (std::int64_t i = 0; i < n; ++i) *to++ = std::pow(value, static_cast<T>(increasing ? i : n - 1 - i));
        return Tensors{y.cast(carried(dtype))};
    });
}

}  // namespace

const OpList& vector_ops() {
    static const auto vander_shape = [](const Arguments& a) -> Shapes { return {Shape{a.shape("x")[0], columns_of(a)}}; };
    static const OpList ops = {
        {{}, {"Cross"}, "x y axisa=-1 axisb=-1 axisc=-1 axis=null", cross_shape, product_dtype, cross},
        {{"linalg.cross"}, {}, "x|a y|b axisa=-1 axisb=-1 axisc=-1 axis=null", cross_shape, product_dtype, cross},
        cdist(),
        {{}, {"Vander"}, "x N=null increasing=false", vander_shape, number_dtype, vander},
    };
    return ops;
}

}  // namespace layerctl::ops
