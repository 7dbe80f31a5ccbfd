// Activations, factors and offsets of the last axis, copies.
#include <cstring>

#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"

namespace layerctl {
namespace {

class ElementwiseKernel final : public Kernel {
public:
    ElementwiseKernel(std::size_t n, simd::Curve curve) : n_(n), curve_(curve) {}

    const char* name() const override { return "elementwise"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        simd::apply(curve_, x[0], y[0], n_);
    }

private:
    std::size_t n_;
    simd::Curve curve_;
};

class ScaleKernel final : public Kernel {
public:
    ScaleKernel(const Scale& request, std::size_t rows, Finish finish)
        : factor_(request.factor), offset_(request.offset), rows_(rows), finish_(finish) {}

    const char* name() const override { return "scale"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        simd::scale(finish_.curve, x[0], factor_.values<float>(), offset_.values<float>(), rows_, y[0]);
        finish_.rows(y[0], rows_, factor_.elements());
    }

private:
    Tensor factor_, offset_;
    std::size_t rows_;
    Finish finish_;
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

Candidate make_copy(const Shape& in) {
    return {std::make_unique<CopyKernel>(static_cast<std::size_t>(in.elements())), ""};
}

}  // namespace layerctl
