// Axes in another order, or repeated.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/ops/broadcast.hpp"

namespace layerctl {
namespace {

class StridedKernel final : public Kernel {
public:
    explicit StridedKernel(const Strided& request)
        : loop_(request.shape, {ops::broadcast_strides(request.shape, request.shape), request.strides}) {}

    const char* name() const override { return "strided"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        const auto n = static_cast<std::size_t>(loop_.row_size());
        const std::ptrdiff_t step = loop_.row_strides()[1];
        loop_.run([&](const ops::RowLoop<2>::Offsets& at) {
            const float* from = x[0] + at[1];
            float* to = y[0] + at[0];
            if (step == 1) std::copy_n(from, n, to);
            else
                for (std::size_t i = 0; i < n; ++i, from += step) to[i] = *from;
        });
    }

private:
    ops::RowLoop<2> loop_;
};

}  // namespace

Candidate make_kernel(const Strided& request) { return {std::make_unique<StridedKernel>(request), ""}; }

}  // namespace layerctl
