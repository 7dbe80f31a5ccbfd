// Elementwise arithmetic with numpy's broadcasting, over any number of operands.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// The common shape of two broadcast operands, aligned at the last axis; unknown dimensions may be anything.
/// Code::shape if they do not fit.
Shape broadcast_shape(const Shape& a, const Shape& b);

/// Element strides of an operand of shape `from` read as one of shape `to`: 0 along repeated axes.
std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to);

/// Loops over the rows of `shape`; neighbouring axes that every operand walks alike are merged into one.
template <std::size_t N>
class RowLoop {
public:
    using Offsets = std::array<std::int64_t, N>;

    RowLoop(const Shape& shape, const std::array<std::vector<std::int64_t>, N>& strides) {
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
            Offsets step;
            for (std::size_t k = 0; k < N; ++k) step[k] = strides[k][axis];
            if (shape[axis] != 1) add_axis(shape[axis], step);
        }
        if (dims_.empty()) add_axis(1, Offsets{});
    }

    std::int64_t row_size() const { return dims_.back(); }
    const Offsets& row_strides() const { return steps_.back(); }

    /// Calls `row(offsets)` with the offset of the row's first element in each operand.
    template <class Row>
    void run(Row row) const {
        for (const std::int64_t dim : dims_)
            if (dim == 0) return;
        run_axis(0, Offsets{}, row);
    }

private:
    void add_axis(std::int64_t dim, const Offsets& step) {
        if (!dims_.empty() && continues(dim, step)) dims_.back() *= dim, steps_.back() = step;
        else dims_.push_back(dim), steps_.push_back(step);
    }

    bool continues(std::int64_t dim, const Offsets& step) const {
        for (std::size_t k = 0; k < N; ++k)
            if (steps_.back()[k] != step[k] * dim) return false;
        return true;
    }

    template <class Row>
    void run_axis(std::size_t axis, Offsets at, Row& row) const {
        if (axis + 1 == dims_.size()) return row(at);
        for (std::int64_t i = 0; i < dims_[axis]; ++i) {
            run_axis(axis + 1, at, row);
            for (std::size_t k = 0; k < N; ++k) at[k] += steps_[axis][k];
        }
    }

    std::vector<std::int64_t> dims_;
    std::vector<Offsets> steps_;
};

/// y = op(a, b) with broadcasting; `y` has the broadcast shape and may be one of the operands.
template <class T, class Op>
void binary(const Tensor& a, const Tensor& b, Tensor& y, Op op) {
    T* out = y.mutable_values<T>().data();
    const T* left = a.values<T>().data();
    const T* right = b.values<T>().data();
    const RowLoop<3> loop(y.shape(), {broadcast_strides(y.shape(), y.shape()), broadcast_strides(a.shape(), y.shape()),
                                      broadcast_strides(b.shape(), y.shape())});
    const std::int64_t n = loop.row_size();
    const auto [sy, sa, sb] = loop.row_strides();
    loop.run([&, sa = sa, sb = sb](const std::array<std::int64_t, 3>& at) {
        T* o = out + at[0];
        const T* l = left + at[1];
        const T* r = right + at[2];
        if (sa == 1 && sb == 1) {
            for (std::int64_t i = 0; i < n; ++i) o[i] = op(l[i], r[i]);
        } else if (sa == 1 && sb == 0) {
            for (std::int64_t i = 0; i < n; ++i) o[i] = op(l[i], *r);
        } else {
            for (std::int64_t i = 0; i < n; ++i) o[i] = op(l[i * sa], r[i * sb]);
        }
    });
}

}  // namespace layerctl::ops
