// Softmax along neighbouring axes.
#include <cstring>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/simd/simd.hpp"

namespace layerctl {
namespace {

/// Each row has n numbers, `inner` apart, where `inner` rows lie side by side.
class SoftmaxKernel final : public Kernel {
public:
    SoftmaxKernel(std::size_t outer, std::size_t n, std::size_t inner) : outer_(outer), n_(n), inner_(inner) {}

    const char* name() const override { return "softmax"; }

    std::size_t scratch() const override { return inner_ == 1 ? 0 : n_ * inner_; }

    void run(const float* const* x, float* const* y, float* scratch, Workers&) const override {
        if (inner_ == 1) {
            std::memcpy(y[0], x[0], outer_ * n_ * sizeof(float));
            return simd::softmax(y[0], outer_, n_);
        }
        for (std::size_t i = 0; i < outer_ * n_ * inner_; i += n_ * inner_) {
            transpose(x[0] + i, n_, inner_, scratch);
            simd::softmax(scratch, inner_, n_);
            transpose(scratch, inner_, n_, y[0] + i);
        }
    }

private:
    static void transpose(const float* x, std::size_t rows, std::size_t columns, float* y) {
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t column = 0; column < columns; ++column) y[column * rows + row] = *x++;
    }

    std::size_t outer_, n_, inner_;
};

}  // namespace

Candidate make_softmax(const AxisList& list, const Shape& in) {
    const std::vector<std::size_t> axes = list.resolve(in.rank());
    if (axes.empty() || axes.back() - axes.front() + 1 != axes.size()) return Candidate::no("axes that lie apart");
    const auto size = [&](std::size_t first, std::size_t last) {
        return static_cast<std::size_t>(in.elements(first, last));
    };
    return {std::make_unique<SoftmaxKernel>(size(0, axes.front()), size(axes.front(), axes.back() + 1),
                                            size(axes.back() + 1, in.rank())),
            ""};
}

}  // namespace layerctl
