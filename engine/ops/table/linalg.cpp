// Linear algebra on the matrices in the last two axes.
#include <cmath>

#include "engine/ops/linalg.hpp"
#include "engine/ops/table/contraction.hpp"
#include "engine/ops/table/lines.hpp"

namespace layerctl::ops {
namespace {

using ShapeRule = Shapes (*)(const Arguments&);

/// (…, m, n)
struct Matrices {
    Shape batch;
    std::int64_t m, n;

    Shape shape(std::initializer_list<std::int64_t> more) const {
        std::vector<std::int64_t> dims = batch.dims();
        dims.insert(dims.end(), more);
        return Shape(std::move(dims));
    }
};

Matrices matrices(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() < 2) fail(Code::shape, "wanted matrices, found shape ", x);
    return {x.slice(0, x.rank() - 2), x[x.rank() - 2], x.back()};
}

Matrices square(const Arguments& a) {
    const Matrices x = matrices(a);
    if (x.m != x.n && x.m != Shape::unknown && x.n != Shape::unknown)
        fail(Code::shape, "wanted square matrices, found shape ", a.shape("x"));
    return x;
}

Shapes square_shape(const Arguments& a) { return {square(a).shape({square(a).m, square(a).n})}; }
Shapes number_shape(const Arguments& a) { return {square(a).batch}; }
Shapes two_numbers_shape(const Arguments& a) { return {square(a).batch, square(a).batch}; }

Op of_matrices(Names tf, Names keras3, std::string_view signature, ShapeRule shapes, Tensors (*run)(const Arguments&)) {
    return {std::move(tf), std::move(keras3), signature, shapes, only_float_dtype, run};
}

Tensor transposed(const Tensor& x) {
    Permutation order(x.shape().rank());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::swap(order[order.size() - 2], order.back());
    return transpose(x, order);
}

Tensor multiplied(const Tensor& x, const Tensor& y) {
    const std::size_t rank = x.shape().rank();
    if (rank == 2) return contracted(x, y, {{1}, {0}});
    Tensors parts;
    Tensor out;
    const std::int64_t count = x.shape().elements(0, rank - 2);
    const auto matrix = [&](const Tensor& t, std::int64_t i) {
        const Shape flat = {count, t.shape()[rank - 2], t.shape().back()};
        return t.reshaped(flat).rows(i, i + 1).reshaped(Shape{flat[1], flat[2]});
    };
    out = Tensor::uninitialized(x.dtype(), x.shape().with_back(y.shape().back()));
    std::byte* to = out.mutable_data();
    for (std::int64_t i = 0; i < count; ++i) {
        const Tensor part = contracted(matrix(x, i), matrix(y, i), {{1}, {0}});
        to = std::copy_n(part.data(), part.byte_size(), to);
    }
    return out;
}

bool asked(const Arguments& a, std::string_view flag) { return a.has(flag) && a.flag(flag); }

Tensors inverse_run(const Arguments& a) {
    const Tensor y = inverse(x_itself(a));
    return {asked(a, "adjoint") ? transposed(y) : y};
}

Tensors cholesky_run(const Arguments& a) {
    const Tensor y = cholesky(x_itself(a));
    return {asked(a, "upper") ? transposed(y) : y};
}

Tensor identity_like(const Tensor& x) {
    Tensor y(x.dtype(), x.shape());
    const std::int64_t n = x.shape().back();
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        std::int64_t i = 0;
        for (T& value : y.mutable_values<T>()) {
            value = i % (n + 1) == 0 ? T{1} : T{0};
            i = (i + 1) % (n * n);
        }
    });
    return y;
}

// (L·Lᵀ)⁻¹ for the factor L, or (Uᵀ·U)⁻¹ for an upper one.
Tensors cholesky_inverse(const Arguments& a) {
    const Tensor x = x_itself(a);
    const bool upper = a.flag("upper");
    const Tensor y = solve_triangular(x, identity_like(x), !upper, false);
    return {upper ? multiplied(y, transposed(y)) : multiplied(transposed(y), y)};
}

/// Right sides with one axis less than the matrices are vectors in Keras 3.
bool is_vector(const Arguments& a) { return a.keras3() && a.shape("b").rank() + 1 == a.shape("x").rank(); }

Shapes solution_shape(const Arguments& a) {
    const Matrices x = square(a);
    const Shape b = a.shape("b");
    if (!is_vector(a) && b.rank() != a.shape("x").rank())
        fail(Code::shape, "shapes ", a.shape("x"), " and ", b, " do not make equations");
    return {b};
}

Tensor right_side(const Arguments& a) {
    const Tensor b = a.made_tensor(a.operand("b"), a.dtype("x"));
    if (!is_vector(a)) return b;
    std::vector<std::int64_t> dims = b.shape().dims();
    dims.push_back(1);
    return b.reshaped(Shape(std::move(dims)));
}

Tensors solve_run(const Arguments& a) {
    const Tensor x = asked(a, "adjoint") ? transposed(x_itself(a)) : x_itself(a);
    return {solve(x, right_side(a)).reshaped(solution_shape(a).front())};
}

Tensors solve_triangular_run(const Arguments& a) {
    return {solve_triangular(x_itself(a), right_side(a), a.flag("lower"), asked(a, "adjoint"))
                .reshaped(solution_shape(a).front())};
}

// tf.linalg.cholesky_solve(chol, rhs): the factor comes first.
Tensors cholesky_solve(const Arguments& a) {
    const Tensor x = x_itself(a);
    return {solve_triangular(x, solve_triangular(x, right_side(a), true, false), true, true)};
}

bool is_complete(const Arguments& a) {
    if (!a.has("mode")) return a.flag("full_matrices");
    const std::string& mode = a.text("mode");
    if (mode != "reduced" && mode != "complete")
        fail(Code::config, "argument 'mode': wanted 'reduced' or 'complete', found '", mode, "'");
    return mode == "complete";
}

std::int64_t shorter(const Matrices& x) {
    return x.m == Shape::unknown || x.n == Shape::unknown ? Shape::unknown : std::min(x.m, x.n);
}

Shapes qr_shape(const Arguments& a) {
    const Matrices x = matrices(a);
    const std::int64_t side = is_complete(a) ? x.m : shorter(x);
    return {x.shape({x.m, side}), x.shape({side, x.n})};
}

Tensors qr_run(const Arguments& a) {
    const Qr y = qr(x_itself(a), is_complete(a));
    return {y.q, y.r};
}

// Keras 3 returns (u, s, vᵀ), TensorFlow (s, u, v).
Shapes svd_shape(const Arguments& a) {
    const Matrices x = matrices(a);
    const std::int64_t side = shorter(x);
    const bool complete = is_complete(a);
    const Shape s = x.shape({side}), u = x.shape({x.m, complete ? x.m : side});
    if (!a.flag("compute_uv")) return {s};
    if (a.keras3()) return {u, s, x.shape({complete ? x.n : side, x.n})};
    return {s, u, x.shape({x.n, complete ? x.n : side})};
}

Tensors svd_run(const Arguments& a) {
    if (!a.flag("compute_uv")) return {singular_values(x_itself(a))};
    const Svd y = svd(x_itself(a), is_complete(a));
    if (a.keras3()) return {y.u, y.s, transposed(y.v)};
    return {y.s, y.u, y.v};
}

Shapes eigh_shape(const Arguments& a) {
    const Matrices x = square(a);
    return {x.shape({x.n}), x.shape({x.m, x.n})};
}

Tensors eigh_run(const Arguments& a) {
    const EigenPairs y = symmetric_eigen(x_itself(a));
    return {y.values, y.vectors};
}

std::vector<DType> lu_dtypes(const Arguments& a) { return {only_float_dtype(a), DType::int32}; }

Shapes lu_shape(const Arguments& a) {
    const Matrices x = square(a);
    return {x.shape({x.m, x.n}), x.shape({x.n})};
}

// TensorFlow's rows p with x[p] = L·U; Keras 3 says where each row went instead.
Tensors lu_run(const Arguments& a) {
    const Lu y = lu(x_itself(a));
    if (!a.keras3()) return {y.triangles, y.rows.cast(DType::int32)};
    const std::size_t axis = y.rows.shape().rank() - 1;
    const Tensor went = along_axis<std::int64_t, std::int32_t>(
        y.rows, axis, y.rows.shape().back(), [](const std::int64_t* from, std::int64_t n, std::int32_t* to) {
            for (std::int64_t i = 0; i < n; ++i) to[from[i]] = static_cast<std::int32_t>(i);
        });
    return {y.triangles, went};
}

Tensors slogdet_run(const Arguments& a) {
    const LogDeterminant y = log_determinant(x_itself(a));
    return {y.sign, y.magnitude};
}

// Of positive definite matrices, by their Cholesky factors.
Tensors logdet_run(const Arguments& a) {
    const Tensor factor = cholesky(x_itself(a));
    return with_float(factor.dtype(), [&]<class T>(Type<T>) {
        const std::int64_t n = factor.shape().back();
        Tensor y = Tensor::uninitialized(factor.dtype(), number_shape(a).front());
        const T* from = factor.values<T>().data();
        for (T& value : y.mutable_values<T>()) {
            double sum = 0;
            for (std::int64_t i = 0; i < n; ++i) sum += std::log(static_cast<double>(from[i * n + i]));
            value = static_cast<T>(2 * sum);
            from += n * n;
        }
        return Tensors{y};
    });
}

// Least squares by singular values; those below rcond times the largest count as 0.
Tensors lstsq_run(const Arguments& a) {
    const Tensor x = x_itself(a), b = right_side(a);
    const double epsilon = x.dtype() == DType::float32 ? 0x1p-23 : 0x1p-52;
    double rcond = epsilon * static_cast<double>(std::max(x.shape()[0], x.shape()[1]));
    if (a.given("rcond")) rcond = a.number("rcond") < 0 ? epsilon : a.number("rcond");
    const Svd y = svd(x, false);
    Tensor projected = contracted(y.u, b, {{0}, {0}});
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const auto s = y.s.values<T>();
        const std::size_t width = s.empty() ? 1 : projected.elements() / s.size();
        const auto values = projected.mutable_values<T>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const T singular = s[i / width];
            values[i] = singular >= static_cast<T>(rcond) * s[0] ? values[i] / singular : T{0};
        }
    });
    const Tensor solution = contracted(y.v, projected, {{1}, {0}});
    return {is_vector(a) ? solution.reshaped(Shape{solution.shape()[0]}) : solution};
}

Shapes lstsq_shape(const Arguments& a) {
    const Matrices x = matrices(a);
    const Shape b = a.shape("b");
    if (x.batch.rank() != 0 || b.rank() < 1 || b.rank() > 2)
        fail(Code::shape, "wanted one matrix and a right side, found ", a.shape("x"), " and ", b);
    if (b[0] != x.m && b[0] != Shape::unknown && x.m != Shape::unknown)
        fail(Code::shape, "shapes ", a.shape("x"), " and ", b, " do not make equations");
    return {b.with(0, x.n)};
}

}  // namespace

const OpList& linalg_ops() {
    static const OpList ops = {
        of_matrices({"linalg.inv"}, {"Inv"}, "x|input adjoint=false", square_shape, inverse_run),
        of_matrices({"linalg.det"}, {"Det"}, "x|input", number_shape,
                    [](const Arguments& a) -> Tensors { return {determinant(x_itself(a))}; }),
        of_matrices({"linalg.slogdet"}, {"Slogdet"}, "x|input", two_numbers_shape, slogdet_run),
        of_matrices({"linalg.logdet"}, {"Logdet"}, "x|matrix", number_shape, logdet_run),
        of_matrices({"linalg.cholesky"}, {"Cholesky"}, "x|input upper=false", square_shape, cholesky_run),
        of_matrices({}, {"CholeskyInverse"}, "x upper=false", square_shape, cholesky_inverse),
        of_matrices({"linalg.cholesky_solve"}, {}, "x|chol b|rhs", solution_shape, cholesky_solve),
        of_matrices({"linalg.solve"}, {"Solve"}, "x|matrix b|rhs adjoint=false", solution_shape, solve_run),
        of_matrices({"linalg.triangular_solve"}, {}, "x|matrix b|rhs lower=true adjoint=false", solution_shape,
                    solve_triangular_run),
        of_matrices({}, {"SolveTriangular"}, "x b lower=false", solution_shape, solve_triangular_run),
        of_matrices({"linalg.qr"}, {}, "x|input full_matrices=false", qr_shape, qr_run),
        of_matrices({}, {"Qr"}, "x mode=reduced", qr_shape, qr_run),
        of_matrices({"linalg.svd"}, {}, "x|tensor full_matrices=false compute_uv=true", svd_shape, svd_run),
        of_matrices({}, {"SVD"}, "x full_matrices=true compute_uv=true", svd_shape, svd_run),
        of_matrices({"linalg.eigh"}, {"Eigh"}, "x|tensor", eigh_shape, eigh_run),
        of_matrices({"linalg.eigvalsh"}, {}, "x|tensor",
                    [](const Arguments& a) -> Shapes { return {eigh_shape(a).front()}; },
                    [](const Arguments& a) -> Tensors { return {eigh_run(a).front()}; }),
        {{"linalg.lu"}, {"LuFactor"}, "x|input !output_idx_type=int32", lu_shape, lu_dtypes, lu_run},
        of_matrices({}, {"Lstsq"}, "x|a b rcond=null", lstsq_shape, lstsq_run),
    };
    return ops;
}

}  // namespace layerctl::ops
