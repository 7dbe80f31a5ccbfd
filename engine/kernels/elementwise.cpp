// Activations, factors and offsets of the last axis, copies.
#include <algorithm>
#include <cstring>

#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {
namespace {

class ElementwiseKernel final : public Kernel {
public:
    ElementwiseKernel(std::size_t n, simd::Curve curve) : n_(n), curve_(curve) {}

    const char* name() const override { return "elementwise"; }

    bool may_replace(std::size_t) const override { return true; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        share_range(n_, n_, workers, [&](std::size_t begin, std::size_t end) {
            simd::apply(curve_, x[0] + begin, y[0] + begin, end - begin);
        });
    }

private:
    std::size_t n_;
    simd::Curve curve_;
};

class ScaleKernel final : public Kernel {
public:
    ScaleKernel(const Scale& request, std::size_t rows, Finish finish)
        : rows_(rows), n_(request.factor.elements()), finish_(finish) {
        constexpr std::size_t wide = 128;
        at_once_ = std::clamp<std::size_t>(wide / n_, 1, rows_);
        factor_ = repeated(request.factor);
        offset_ = repeated(request.offset);
    }

    const char* name() const override { return "scale"; }

    bool may_replace(std::size_t) const override { return true; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        share_range(rows_, rows_ * n_, workers, [&](std::size_t begin, std::size_t end) {
            compute(x[0] + begin * n_, end - begin, y[0] + begin * n_);
        });
    }

private:
    /// Rows that are shorter than some vectors are computed several at a time.
    Tensor repeated(const Tensor& row) const {
        const auto times = static_cast<std::int64_t>(at_once_), n = static_cast<std::int64_t>(n_);
        return ops::broadcast_to(row, {times, n}).reshaped({times * n});
    }

    void compute(const float* x, std::size_t rows, float* y) const {
        const std::span<const float> factor = factor_.values<float>(), offset = offset_.values<float>();
        const std::size_t whole = rows / at_once_, rest = rows % at_once_ * n_;
        simd::scale(finish_.curve, x, factor, offset, whole, y);
        if (rest > 0)
            simd::scale(finish_.curve, x + whole * factor.size(), factor.first(rest), offset.first(rest), 1,
                        y + whole * factor.size());
        finish_.rows(y, rows, n_);
    }

    Tensor factor_, offset_;
    std::size_t rows_, n_, at_once_ = 1;
    Finish finish_;
};

class SlopeKernel final : public Kernel {
public:
    SlopeKernel(const Slope& request, std::size_t rows) : alpha_(request.alpha), rows_(rows) {}

    const char* name() const override { return "slope"; }

    bool may_replace(std::size_t) const override { return true; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        const std::size_t n = alpha_.elements();
        share_range(rows_, rows_ * n, workers, [&](std::size_t begin, std::size_t end) {
            simd::slope(x[0] + begin * n, alpha_.values<float>(), end - begin, y[0] + begin * n);
        });
    }

private:
    Tensor alpha_;
    std::size_t rows_;
};

class CopyKernel final : public Kernel {
public:
    explicit CopyKernel(std::size_t n) : n_(n) {}

    const char* name() const override { return "copy"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        std::memcpy(y[0], x[0], n_ * sizeof(float));
    }

private:
    std::size_t n_;
};

std::size_t rows_of(const Shape& shape) { return static_cast<std::size_t>(shape.elements(0, shape.rank() - 1)); }

}  // namespace

Candidate make_kernel(const Elementwise& request, const Shape& in) {
    if (request.activation.id == Activation::Id::softmax) return make_softmax(request.activation.axes, in);
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    return {std::make_unique<ElementwiseKernel>(static_cast<std::size_t>(in.elements()), *curve), ""};
}

Candidate make_kernel(const Scale& request, const Shape& in) {
    const std::optional<Finish> finish = Finish::of(request.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    return {std::make_unique<ScaleKernel>(request, rows_of(in), *finish), ""};
}

Candidate make_kernel(const Slope& request, const Shape& in) {
    const std::size_t rows = static_cast<std::size_t>(in.elements()) / request.alpha.elements();
    return {std::make_unique<SlopeKernel>(request, rows), ""};
}

Candidate make_copy(const Shape& in) {
    return {std::make_unique<CopyKernel>(static_cast<std::size_t>(in.elements())), ""};
}

}  // namespace layerctl
