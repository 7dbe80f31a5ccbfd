#include "engine/ops/linalg.hpp"

#include <eigen3/Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using ConstMap = Eigen::Map<const Matrix<T>>;
template <class T>
using Map = Eigen::Map<Matrix<T>>;

/// The sizes of the matrices in a tensor, and how many there are.
struct Stack {
    Shape batch;
    std::int64_t rows, columns;

    explicit Stack(const Tensor& x) {
        const Shape& shape = x.shape();
        if (shape.rank() < 2) fail(Code::shape, "wanted matrices, found shape ", shape);
        batch = shape.slice(0, shape.rank() - 2);
        rows = shape[shape.rank() - 2];
        columns = shape.back();
    }

    Stack square() const {
        if (rows != columns) fail(Code::shape, "wanted square matrices, found ", rows, " by ", columns);
        return *this;
    }

    template <class T>
    ConstMap<T> matrix(const Tensor& x, std::int64_t i) const {
        return {x.values<T>().data() + i * rows * columns, rows, columns};
    }
};

Shape with(const Shape& batch, std::initializer_list<std::int64_t> more) {
    std::vector<std::int64_t> dims = batch.dims();
    dims.insert(dims.end(), more);
    return Shape(std::move(dims));
}

/// Room for a matrix (or a row) per matrix of a stack.
template <class T>
class Results {
public:
    Results(const Shape& batch, std::int64_t rows, std::int64_t columns)
        : y_(Tensor::uninitialized(dtype_of<T>, with(batch, {rows, columns}))), rows_(rows), columns_(columns) {}

    Map<T> operator[](std::int64_t i) {
        return {y_.mutable_values<T>().data() + i * rows_ * columns_, rows_, columns_};
    }

    Tensor matrices() const { return y_; }
    Tensor rows() const { return y_.reshaped(with(y_.shape().slice(0, y_.shape().rank() - 2), {rows_ * columns_})); }
    Tensor numbers() const { return y_.reshaped(y_.shape().slice(0, y_.shape().rank() - 2)); }

private:
    Tensor y_;
    std::int64_t rows_, columns_;
};

template <class T>
void require_regular(const Eigen::PartialPivLU<Matrix<T>>& lu) {
    if (lu.matrixLU().diagonal().cwiseAbs().minCoeff() == 0) fail(Code::input, "a singular matrix");
}

template <class T>
Lu lu_of(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results<T> triangles(stack.batch, stack.rows, stack.rows);
    Tensor rows = Tensor::uninitialized(DType::int64, with(stack.batch, {stack.rows}));
    std::int64_t* row = rows.mutable_values<std::int64_t>().data();
    for (std::int64_t i = 0; i < stack.batch.elements(); ++i) {
        const Eigen::PartialPivLU<Matrix<T>> lu(stack.matrix<T>(x, i));
        triangles[i] = lu.matrixLU();
        const auto order = lu.permutationP().transpose().eval();
        row = std::copy_n(order.indices().data(), stack.rows, row);
    }
    return {triangles.matrices(), rows};
}

template <class T>
LogDeterminant log_determinant_of(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results<T> sign(stack.batch, 1, 1), magnitude(stack.batch, 1, 1);
    for (std::int64_t i = 0; i < stack.batch.elements(); ++i) {
        T s = 1, log = 0;
        if (stack.rows > 0) {
            const Eigen::PartialPivLU<Matrix<T>> lu(stack.matrix<T>(x, i));
            s = static_cast<T>(lu.permutationP().determinant());
            for (std::int64_t k = 0; k < stack.rows; ++k) {
                const T pivot = lu.matrixLU()(k, k);
                s *= static_cast<T>((pivot > 0) - (pivot < 0));
                log += std::log(std::abs(pivot));
            }
        }
        sign[i](0, 0) = s;
        magnitude[i](0, 0) = log;
    }
    return {sign.numbers(), magnitude.numbers()};
}

template <class T>
Qr qr_of(const Tensor& x, bool complete) {
    const Stack stack(x);
    const std::int64_t side = complete ? stack.rows : std::min(stack.rows, stack.columns);
    Results<T> q(stack.batch, stack.rows, side), r(stack.batch, side, stack.columns);
    for (std::int64_t i = 0; i < stack.batch.elements(); ++i) {
        const Eigen::HouseholderQR<Matrix<T>> decomposition(stack.matrix<T>(x, i));
        q[i] = decomposition.householderQ() * Matrix<T>::Identity(stack.rows, side);
        r[i] = decomposition.matrixQR().topRows(side).template triangularView<Eigen::Upper>();
    }
    return {q.matrices(), r.matrices()};
}

/// In float64 alone: this is by far the longest to compile.
Svd svd_of(const Tensor& x, unsigned options) {
    using T = double;
    const Tensor wide = x.cast(DType::float64);
    const Stack stack(wide);
    const std::int64_t side = std::min(stack.rows, stack.columns);
    const bool complete = (options & Eigen::ComputeFullU) != 0, vectors = options != 0;
    Results<T> s(stack.batch, 1, side), u(stack.batch, stack.rows, complete ? stack.rows : side),
        v(stack.batch, stack.columns, complete ? stack.columns : side);
    for (std::int64_t i = 0; i < stack.batch.elements(); ++i) {
        const Eigen::BDCSVD<Matrix<T>> decomposition(stack.matrix<T>(wide, i), options);
        s[i] = decomposition.singularValues().transpose();
        if (!vectors) continue;
        u[i] = decomposition.matrixU();
        v[i] = decomposition.matrixV();
    }
    return {s.rows().cast(x.dtype()), u.matrices().cast(x.dtype()), v.matrices().cast(x.dtype())};
}

template <class T>
EigenPairs eigen_of(const Tensor& x) {
    const Stack stack = Stack(x).square();
    Results<T> values(stack.batch, 1, stack.rows), vectors(stack.batch, stack.rows, stack.rows);
    for (std::int64_t i = 0; i < stack.batch.elements(); ++i) {
        const Eigen::SelfAdjointEigenSolver<Matrix<T>> solver(stack.matrix<T>(x, i));
        if (solver.info() != Eigen::Success) fail(Code::input, "eigenvalues that do not converge");
        values[i] = solver.eigenvalues().transpose();
        vectors[i] = solver.eigenvectors();
    }
    return {values.rows(), vectors.matrices()};
}

/// `f(matrix, right side)` for every pair; the stacks are alike.
template <class T, class F>
Tensor solved(const Tensor& a, const Tensor& b, F f) {
    const Stack left = Stack(a).square(), right(b);
    if (left.batch != right.batch || left.columns != right.rows)
        fail(Code::shape, "shapes ", a.shape(), " and ", b.shape(), " do not make equations");
    Results<T> y(left.batch, left.columns, right.columns);
    for (std::int64_t i = 0; i < left.batch.elements(); ++i) y[i] = f(left.matrix<T>(a, i), right.matrix<T>(b, i));
    return y.matrices();
}

}  // namespace

Tensor inverse(const Tensor& x) {
    const Stack stack = Stack(x).square();
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        Results<T> y(stack.batch, stack.rows, stack.rows);
        for (std::int64_t i = 0; i < stack.batch.elements() && stack.rows > 0; ++i) {
            const Eigen::PartialPivLU<Matrix<T>> lu(stack.matrix<T>(x, i));
            require_regular<T>(lu);
            y[i] = lu.inverse();
        }
        return y.matrices();
    });
}

Tensor solve(const Tensor& a, const Tensor& b) {
    return with_float(a.dtype(), [&]<class T>(Type<T>) {
        return solved<T>(a, b, [](const ConstMap<T>& matrix, const ConstMap<T>& right) -> Matrix<T> {
            if (matrix.rows() == 0) return right;
            const Eigen::PartialPivLU<Matrix<T>> lu(matrix);
            require_regular<T>(lu);
            return lu.solve(right);
        });
    });
}

Tensor solve_triangular(const Tensor& a, const Tensor& b, bool lower, bool transposed) {
    return with_float(a.dtype(), [&]<class T>(Type<T>) {
        return solved<T>(a, b, [&](const ConstMap<T>& matrix, const ConstMap<T>& right) -> Matrix<T> {
            if (matrix.rows() > 0 && matrix.diagonal().cwiseAbs().minCoeff() == 0) fail(Code::input, "a singular matrix");
            const Matrix<T> m = transposed ? Matrix<T>(matrix.transpose()) : Matrix<T>(matrix);
            if (lower != transposed) return m.template triangularView<Eigen::Lower>().solve(right);
            return m.template triangularView<Eigen::Upper>().solve(right);
        });
    });
}

Tensor determinant(const Tensor& x) {
    const Stack stack = Stack(x).square();
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        Results<T> y(stack.batch, 1, 1);
        for (std::int64_t i = 0; i < stack.batch.elements(); ++i)
            y[i](0, 0) = stack.rows == 0 ? T{1} : Eigen::PartialPivLU<Matrix<T>>(stack.matrix<T>(x, i)).determinant();
        return y.numbers();
    });
}

LogDeterminant log_determinant(const Tensor& x) {
    return with_float(x.dtype(), [&]<class T>(Type<T>) { return log_determinant_of<T>(x); });
}

Tensor cholesky(const Tensor& x) {
    const Stack stack = Stack(x).square();
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        Results<T> y(stack.batch, stack.rows, stack.rows);
        for (std::int64_t i = 0; i < stack.batch.elements() && stack.rows > 0; ++i) {
            const Eigen::LLT<Matrix<T>> llt(stack.matrix<T>(x, i));
            if (llt.info() != Eigen::Success) fail(Code::input, "a matrix that is not positive definite");
            y[i] = llt.matrixL();
        }
        return y.matrices();
    });
}

Qr qr(const Tensor& x, bool complete) {
    return with_float(x.dtype(), [&]<class T>(Type<T>) { return qr_of<T>(x, complete); });
}

Svd svd(const Tensor& x, bool complete) {
    return svd_of(x, complete ? Eigen::ComputeFullU | Eigen::ComputeFullV : Eigen::ComputeThinU | Eigen::ComputeThinV);
}

Tensor singular_values(const Tensor& x) { return svd_of(x, 0).s; }

EigenPairs symmetric_eigen(const Tensor& x) {
    return with_float(x.dtype(), [&]<class T>(Type<T>) { return eigen_of<T>(x); });
}

Lu lu(const Tensor& x) {
    return with_float(x.dtype(), [&]<class T>(Type<T>) { return lu_of<T>(x); });
}

}  // namespace layerctl::ops
