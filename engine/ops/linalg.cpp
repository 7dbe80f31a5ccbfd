#include "engine/ops/linalg.hpp"

#include <eigen3/Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using Map = Eigen::Map<Matrix>;

/// The matrices in a tensor.
class Stack {
public:
    explicit Stack(const Tensor& x) {
        const Shape& shape = x.shape();
        if (shape.rank() < 2) fail(Code::shape, "wanted matrices, found shape ", shape);
        if (!is_floating(x.dtype())) fail(Code::internal, "wanted matrices of floats, found ", x.dtype());
        batch = shape.slice(0, shape.rank() - 2);
        rows = shape[shape.rank() - 2];
        columns = shape.back();
        dtype = x.dtype();
        values_ = x.cast(DType::float64);
    }

    Stack square() const {
        if (rows != columns) fail(Code::shape, "wanted square matrices, found ", rows, " by ", columns);
        return *this;
    }

    std::int64_t size() const { return batch.elements(); }
    ConstMap operator[](std::int64_t i) const {
        return {values_.values<double>().data() + i * rows * columns, rows, columns};
    }

    Shape batch;
    std::int64_t rows, columns;
    DType dtype;

private:
    Tensor values_;
};

Shape with(const Shape& batch, std::initializer_list<std::int64_t> more) {
    std::vector<std::int64_t> dims = batch.dims();
    dims.insert(dims.end(), more);
    return Shape(std::move(dims));
}

/// Room for a matrix (or a row, or a number) per matrix of a stack.
class Results {
public:
    Results(const Stack& of, std::int64_t rows, std::int64_t columns)
        : of_(of), rows_(rows), columns_(columns),
          y_(Tensor::uninitialized(DType::float64, with(of.batch, {rows, columns}))) {}

    Map operator[](std::int64_t i) { return {y_.mutable_values<double>().data() + i * rows_ * columns_, rows_, columns_}; }

    Tensor matrices() const { return y_.cast(of_.dtype); }
    Tensor rows() const { return matrices().reshaped(with(of_.batch, {rows_ * columns_})); }
    Tensor numbers() const { return matrices().reshaped(of_.batch); }

private:
    const Stack& of_;
    std::int64_t rows_, columns_;
    Tensor y_;
};

void require_regular(const Eigen::PartialPivLU<Matrix>& lu) {
    if (lu.matrixLU().diagonal().cwiseAbs().minCoeff() == 0) fail(Code::input, "a singular matrix");
}

Svd svd_of(const Tensor& x, unsigned options) {
    const Stack stack(x);
    const std::int64_t side = std::min(stack.rows, stack.columns);
    const bool complete = (options & Eigen::ComputeFullU) != 0, vectors = options != 0;
    Results s(stack, 1, side), u(stack, stack.rows, complete ? stack.rows : side),
        v(stack, stack.columns, complete ? stack.columns : side);
    for (std::int64_t i = 0; i < stack.size(); ++i) {
        const Eigen::BDCSVD<Matrix> decomposition(stack[i], options);
        s[i] = decomposition.singularValues().transpose();
        if (!vectors) continue;
        u[i] = decomposition.matrixU();
        v[i] = decomposition.matrixV();
    }
    return {s.rows(), u.matrices(), v.matrices()};
}

/// `f(matrix, right side)` for every pair; the stacks are alike.
template <class F>
Tensor solved(const Tensor& a, const Tensor& b, F f) {
    const Stack left = Stack(a).square(), right(b);
    if (left.batch != right.batch || left.columns != right.rows)
        fail(Code::shape, "shapes ", a.shape(), " and ", b.shape(), " do not make equations");
    Results y(left, left.columns, right.columns);
    for (std::int64_t i = 0; i < left.size(); ++i) y[i] = f(left[i], right[i]);
    return y.matrices();
}

}  // namespace

Tensor inverse(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results y(stack, stack.rows, stack.rows);
    for (std::int64_t i = 0; i < stack.size() && stack.rows > 0; ++i) {
        const Eigen::PartialPivLU<Matrix> lu(stack[i]);
        require_regular(lu);
        y[i] = lu.inverse();
    }
    return y.matrices();
}

Tensor solve(const Tensor& a, const Tensor& b) {
    return solved(a, b, [](const ConstMap& matrix, const ConstMap& right) -> Matrix {
        if (matrix.rows() == 0) return right;
        const Eigen::PartialPivLU<Matrix> lu(matrix);
        require_regular(lu);
        return lu.solve(right);
    });
}

Tensor solve_triangular(const Tensor& a, const Tensor& b, bool lower, bool transposed) {
    return solved(a, b, [&](const ConstMap& matrix, const ConstMap& right) -> Matrix {
        if (matrix.rows() > 0 && matrix.diagonal().cwiseAbs().minCoeff() == 0) fail(Code::input, "a singular matrix");
        const Matrix m = transposed ? Matrix(matrix.transpose()) : Matrix(matrix);
        if (lower != transposed) return m.triangularView<Eigen::Lower>().solve(right);
        return m.triangularView<Eigen::Upper>().solve(right);
    });
}

Tensor determinant(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results y(stack, 1, 1);
    for (std::int64_t i = 0; i < stack.size(); ++i)
        y[i](0, 0) = stack.rows == 0 ? 1 : Eigen::PartialPivLU<Matrix>(stack[i]).determinant();
    return y.numbers();
}

LogDeterminant log_determinant(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results sign(stack, 1, 1), magnitude(stack, 1, 1);
    for (std::int64_t i = 0; i < stack.size(); ++i) {
        double s = 1, log = 0;
        if (stack.rows > 0) {
            const Eigen::PartialPivLU<Matrix> lu(stack[i]);
            s = static_cast<double>(lu.permutationP().determinant());
            for (std::int64_t k = 0; k < stack.rows; ++k) {
                const double pivot = lu.matrixLU()(k, k);
                s *= (pivot > 0) - (pivot < 0);
                log += std::log(std::abs(pivot));
            }
        }
        sign[i](0, 0) = s;
        magnitude[i](0, 0) = log;
    }
    return {sign.numbers(), magnitude.numbers()};
}

Tensor cholesky(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results y(stack, stack.rows, stack.rows);
    for (std::int64_t i = 0; i < stack.size() && stack.rows > 0; ++i) {
        const Eigen::LLT<Matrix> llt(stack[i]);
        if (llt.info() != Eigen::Success) fail(Code::input, "a matrix that is not positive definite");
        y[i] = llt.matrixL();
    }
    return y.matrices();
}

Qr qr(const Tensor& x, bool complete) {
    const Stack stack(x);
    const std::int64_t side = complete ? stack.rows : std::min(stack.rows, stack.columns);
    Results q(stack, stack.rows, side), r(stack, side, stack.columns);
    for (std::int64_t i = 0; i < stack.size(); ++i) {
        const Eigen::HouseholderQR<Matrix> decomposition(stack[i]);
        q[i] = decomposition.householderQ() * Matrix::Identity(stack.rows, side);
        r[i] = decomposition.matrixQR().topRows(side).triangularView<Eigen::Upper>();
    }
    return {q.matrices(), r.matrices()};
}

Svd svd(const Tensor& x, bool complete) {
    return svd_of(x, complete ? Eigen::ComputeFullU | Eigen::ComputeFullV : Eigen::ComputeThinU | Eigen::ComputeThinV);
}

Tensor singular_values(const Tensor& x) { return svd_of(x, 0).s; }

EigenPairs symmetric_eigen(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results values(stack, 1, stack.rows), vectors(stack, stack.rows, stack.rows);
    for (std::int64_t i = 0; i < stack.size(); ++i) {
        const Eigen::SelfAdjointEigenSolver<Matrix> solver(stack[i]);
        if (solver.info() != Eigen::Success) fail(Code::input, "eigenvalues that do not converge");
        values[i] = solver.eigenvalues().transpose();
        vectors[i] = solver.eigenvectors();
    }
    return {values.rows(), vectors.matrices()};
}

Lu lu(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results triangles(stack, stack.rows, stack.rows);
    Tensor rows = Tensor::uninitialized(DType::int64, with(stack.batch, {stack.rows}));
    std::int64_t* row = rows.mutable_values<std::int64_t>().data();
    for (std::int64_t i = 0; i < stack.size(); ++i) {
        const Eigen::PartialPivLU<Matrix> lu(stack[i]);
        triangles[i] = lu.matrixLU();
        const auto order = lu.permutationP().transpose().eval();
        row = std::copy_n(order.indices().data(), stack.rows, row);
    }
    return {triangles.matrices(), rows};
}

}  // namespace layerctl::ops
