// Products of rows with a packed matrix: Dense.
#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

class ProductKernel final : public Kernel {
public:
    ProductKernel(const Product& request, std::size_t rows, Finish finish)
        : rows_(rows), finish_(finish), matrix_(packed(request.kernel, request.bias)) {}

    const char* name() const override { return "product"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        shared_product(x[0], rows_, matrix_, finish_.curve, y[0], workers);
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
