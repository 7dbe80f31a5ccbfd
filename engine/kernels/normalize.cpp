// LayerNormalization and its kin over the last axes.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

class NormalizeKernel final : public Kernel {
public:
    NormalizeKernel(const Normalize& request, std::size_t rows) : request_(request), rows_(rows) {}

    const char* name() const override { return "normalize"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        constexpr std::size_t macs_per_number = 16;  // about as long as its share takes
        const std::size_t n = request_.factor.elements();
        share_range(rows_, rows_ * n * macs_per_number, workers, [&](std::size_t begin, std::size_t end) {
            simd::normalize({.shifts = request_.shifts,
                             .about_mean = request_.about_mean,
                             .epsilon = request_.epsilon,
                             .factor = request_.factor.values<float>(),
                             .offset = request_.offset.values<float>(),
                             .x = x[0] + begin * n,
                             .rows = end - begin,
                             .y = y[0] + begin * n});
        });
    }

private:
    Normalize request_;
    std::size_t rows_;
};

}  // namespace

Candidate make_kernel(const Normalize& request, const Shape& in) {
    const auto rows = static_cast<std::size_t>(in.elements()) / request.factor.elements();
    return {std::make_unique<NormalizeKernel>(request, rows), ""};
}

}  // namespace layerctl
