// Diagonals and triangles of matrices.
#include <algorithm>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/reducing.hpp"
#include "engine/ops/table/take.hpp"

namespace layerctl::ops {
namespace {

Shape matrices(const Shape& shape) {
    if (shape.rank() < 2) fail(Code::shape, "wanted matrices, found shape ", shape);
    return shape;
}

/// How long diagonal `k` of a matrix is; it begins at (max(−k, 0), max(k, 0)).
std::int64_t diagonal_size(std::int64_t rows, std::int64_t columns, std::int64_t k) {
    if (rows == Shape::unknown || columns == Shape::unknown) return Shape::unknown;
    return std::max<std::int64_t>(std::min(rows + std::min<std::int64_t>(k, 0), columns - std::max<std::int64_t>(k, 0)), 0);
}

/// Zero but for the elements where `keeps(row, column)`; x has matrices in its last two axes.
template <class Keep>
Tensor kept(Tensor x, Keep keeps) {
    const Shape shape = matrices(x.shape());
    const std::int64_t rows = shape[shape.rank() - 2], columns = shape.back();
    const std::size_t size = dtype_size(x.dtype());
    std::byte* at = x.mutable_data();
    for (std::int64_t left = shape.elements(0, shape.rank() - 2); left > 0; --left)
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j, at += size)
                if (!keeps(i, j)) std::fill(at, at + size, std::byte{0});
    return x;
}

std::int64_t diagonal_number(const Arguments& a) { return a.integer("k"); }

/// Diagonal `k` of the matrices in the last two axes.
Tensor diagonal_of(const Tensor& x, std::int64_t k) {
    const Shape shape = matrices(x.shape());
    const std::int64_t rows = shape[shape.rank() - 2], columns = shape.back();
    std::vector<std::int64_t> dims = shape.slice(0, shape.rank() - 2).dims();
    dims.push_back(rows * columns);
    std::vector<std::int64_t> from;
    for (std::int64_t i = 0; i < diagonal_size(rows, columns, k); ++i)
        from.push_back((i + std::max<std::int64_t>(-k, 0)) * columns + i + std::max<std::int64_t>(k, 0));
    return take(x.reshaped(Shape(dims)), dims.size() - 1, from);
}

/// Matrices that are zero but for diagonal `k`, which x holds in its last axis.
Shape diagonal_matrix_shape(const Shape& x, std::int64_t k) {
    if (x.rank() == 0) fail(Code::shape, "wanted vectors, found a number");
    std::vector<std::int64_t> dims = x.dims();
    dims.back() = x.back() == Shape::unknown ? x.back() : x.back() + std::abs(k);
    dims.push_back(dims.back());
    return Shape(std::move(dims));
}

Tensor diagonal_matrix(const Tensor& x, std::int64_t k) {
    Tensor y(x.dtype(), diagonal_matrix_shape(x.shape(), k));
    const std::int64_t n = x.shape().back(), side = y.shape().back();
    const std::size_t size = dtype_size(x.dtype());
    const std::byte* from = x.data();
    std::byte* matrix = y.mutable_data();
    for (std::int64_t left = x.shape().elements(0, x.shape().rank() - 1); left > 0; --left)
        for (std::int64_t i = 0; i < n; ++i, from += size) {
            const std::int64_t at = (i + std::max<std::int64_t>(-k, 0)) * side + i + std::max<std::int64_t>(k, 0);
            std::copy_n(from, size, matrix + static_cast<std::size_t>(at) * size);
            if (i + 1 == n) matrix += static_cast<std::size_t>(side * side) * size;
        }
    return y;
}

/// The plane that arguments "axis1" and "axis2" name, moved behind the other axes.
Permutation plane(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    const std::size_t first = resolve_axis(a.integer("axis1"), rank), second = resolve_axis(a.integer("axis2"), rank);
    if (first == second) fail(Code::config, "wanted two axes, found ", first, " twice");
    Permutation order;
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (axis != first && axis != second) order.push_back(axis);
    order.insert(order.end(), {first, second});
    return order;
}

Shapes diagonal_shape(const Arguments& a) {
    const Shape shape = transposed_shape(a.shape("x"), plane(a));
    std::vector<std::int64_t> dims = shape.slice(0, shape.rank() - 2).dims();
    dims.push_back(diagonal_size(shape[shape.rank() - 2], shape.back(), diagonal_number(a)));
    return {Shape(std::move(dims))};
}

Tensors diagonal(const Arguments& a) { return {diagonal_of(transpose(x_itself(a), plane(a)), diagonal_number(a))}; }

/// Keras 3's diag: the matrix of a vector, the diagonal of a matrix.
Shapes diag_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() == 1) return {diagonal_matrix_shape(x, diagonal_number(a))};
    if (x.rank() == 2) return {Shape{diagonal_size(x[0], x[1], diagonal_number(a))}};
    fail(Code::shape, "wanted a vector or a matrix, found shape ", x);
}

Tensors diag(const Arguments& a) {
    const Tensor x = x_itself(a);
    return {x.shape().rank() == 1 ? diagonal_matrix(x, diagonal_number(a)) : diagonal_of(x, diagonal_number(a))};
}

Shapes diagflat_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    return {diagonal_matrix_shape(Shape{x.is_known() ? x.elements() : Shape::unknown}, diagonal_number(a))};
}

Tensors diagflat(const Arguments& a) {
    const Tensor x = x_itself(a);
    return {diagonal_matrix(x.reshaped(Shape{x.shape().elements()}), diagonal_number(a))};
}

Op triangle(std::string_view class_name, bool upper) {
    return {{}, {class_name}, "x k=0",
            [](const Arguments& a) -> Shapes { return {matrices(a.shape("x"))}; },
            same_dtype,
            [upper](const Arguments& a) -> Tensors {
                const std::int64_t k = diagonal_number(a);
                return {kept(x_itself(a),
                             [&](std::int64_t i, std::int64_t j) { return upper ? j - i >= k : j - i <= k; })};
            }};
}

// A negative number of diagonals keeps all of that side.
Tensors band_part(const Arguments& a) {
    const std::int64_t lower = a.integer("num_lower"), upper = a.integer("num_upper");
    return {kept(x_itself(a), [&](std::int64_t i, std::int64_t j) {
        return (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper);
    })};
}

Shapes trace_shape(const Arguments& a) {
    const Shape shape = transposed_shape(a.shape("x"), plane(a));
    return {shape.slice(0, shape.rank() - 2)};
}

Tensors trace(const Arguments& a) {
    const Tensor x = x_as(a, total_dtype(a));
    const Tensor moved = transpose(x, plane(a));
    Tensor y;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        const Tensor diagonals = diagonal_of(moved, diagonal_number(a));
        const std::int64_t n = diagonals.shape().back();
        y = Tensor::uninitialized(x.dtype(), trace_shape(a).front());
        const T* from = diagonals.values<T>().data();
        for (T& sum : y.mutable_values<T>()) {
            sum = Sum{}(from, n);
            from += n;
        }
    });
    return {y};
}

Shapes set_diag_shape(const Arguments& a) {
    const Shape x = matrices(a.shape("x")), diagonal = a.shape("diagonal");
    const std::int64_t n = diagonal_size(x[x.rank() - 2], x.back(), diagonal_number(a));
    std::vector<std::int64_t> dims = x.slice(0, x.rank() - 2).dims();
    dims.push_back(n);
    if (!Shape(dims).is_compatible_with(diagonal))
        fail(Code::shape, "wanted a diagonal of shape ", Shape(dims), ", found ", diagonal);
    return {x};
}

Tensors set_diag(const Arguments& a) {
    const std::int64_t k = diagonal_number(a);
    Tensor y = x_itself(a);
    const Tensor diagonal = a.tensor(a.operand("diagonal"), a.dtype("x"));
    const std::int64_t rows = y.shape()[y.shape().rank() - 2], columns = y.shape().back();
    const std::size_t size = dtype_size(y.dtype());
    const std::byte* from = diagonal.data();
    std::byte* matrix = y.mutable_data();
    for (std::int64_t left = y.shape().elements(0, y.shape().rank() - 2); left > 0; --left) {
        for (std::int64_t i = 0; i < diagonal.shape().back(); ++i, from += size) {
            const std::int64_t at = (i + std::max<std::int64_t>(-k, 0)) * columns + i + std::max<std::int64_t>(k, 0);
            std::copy_n(from, size, matrix + static_cast<std::size_t>(at) * size);
        }
        matrix += static_cast<std::size_t>(rows * columns) * size;
    }
    return {y};
}

}  // namespace

const OpList& diagonal_ops() {
    static constexpr std::string_view keras3_plane = "x k|offset=0 axis1=0 axis2=1";
    static constexpr std::string_view tf_plane = "x|input k=0 !padding_value=0 ~align axis1=-2 axis2=-1";
    static const OpList ops = {
        {{}, {"Diag"}, "x k=0", diag_shape, same_dtype, diag},
        {{}, {"Diagflat"}, "x k=0", diagflat_shape, same_dtype, diagflat},
        {{"linalg.diag"},
         {},
         "x|diagonal k=0 !num_rows=-1 !num_cols=-1 !padding_value=0 ~align",
         [](const Arguments& a) -> Shapes { return {diagonal_matrix_shape(a.shape("x"), diagonal_number(a))}; },
         same_dtype,
         [](const Arguments& a) -> Tensors { return {diagonal_matrix(x_itself(a), diagonal_number(a))}; }},
        {{}, {"Diagonal"}, keras3_plane, diagonal_shape, same_dtype, diagonal},
        {{"linalg.diag_part"}, {}, tf_plane, diagonal_shape, same_dtype, diagonal},
        {{"linalg.set_diag"}, {}, "x|input diagonal k=0 ~align", set_diag_shape, same_dtype, set_diag},
        {{}, {"Trace"}, keras3_plane, trace_shape, total_dtype, trace},
        {{"linalg.trace"}, {}, "x k=0 axis1=-2 axis2=-1", trace_shape, number_dtype, trace},
        triangle("Tril", false),
        triangle("Triu", true),
        {{"linalg.band_part"}, {}, "x|input num_lower num_upper", same_shape, same_dtype, band_part},
    };
    return ops;
}

}  // namespace layerctl::ops
