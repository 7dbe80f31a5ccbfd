// Products of rows with a packed matrix: Dense.
#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

class ProductKernel final : public Kernel {
public:
    ProductKernel(const Product& request, std::size_t rows, Finish finish) : rows_(rows), finish_(finish) {
        const auto k = static_cast<std::size_t>(request.kernel.shape()[0]);
        const auto n = static_cast<std::size_t>(request.kernel.shape()[1]);
        matrix_ = simd::pack(request.kernel.values<float>(), k, n,
                             request.bias.has_value() ? request.bias.values<float>() : std::span<const float>());
    }

    const char* name() const override { return "product"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        constexpr std::ptrdiff_t whole_row[] = {0};
        const simd::ProductCall call{.x = x[0],
                       .x_stride = static_cast<std::ptrdiff_t>(matrix_.k),
                       .row_count = rows_,
                       .segments = whole_row,
                       .segment_length = matrix_.k,
                       .matrix = &matrix_,
                       .y = y[0],
                       .y_stride = static_cast<std::ptrdiff_t>(matrix_.n),
                       .curve = finish_.curve};
        shared_product(call, workers);
        finish_.rows(y[0], rows_, matrix_.n);
    }

private:
    std::size_t rows_;
    Finish finish_;
    simd::Panels matrix_;
};

}  // namespace

Candidate make_kernel(const Product& request, const Shape& in) {
    const std::optional<Finish> finish = Finish::of(request.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    const auto rows = static_cast<std::size_t>(in.elements(0, in.rank() - 1));
    return {std::make_unique<ProductKernel>(request, rows, *finish), ""};
}

}  // namespace layerctl
