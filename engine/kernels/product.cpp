// Products of rows with a packed matrix: Dense.
#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

class ProductKernel final : public Kernel {
public:
    ProductKernel(const Product& request, std::size_t rows, Finish finish, const PackedWeights& weights)
        : rows_(rows),
          finish_(finish),
          matrix_(in_precision(weights, "panels", rows,
                               [&] { return packed(request.kernel, request.factor, request.bias); })),
          adds_(request.adds) {}

    const char* name() const override {
        switch (matrix_.panels.dtype()) {
            case DType::bfloat16: return "product, bfloat16 weights";
            case DType::int8: return "product, int8 weights";
            default: return "product";
        }
    }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        simd::ProductCall call = whole_rows(x[0], rows_, matrix_, finish_.curve, y[0]);
        if (adds_) call.added = x[1];
        shared_product(call, workers);
        finish_.rows(y[0], rows_, matrix_.n);
    }

    bool may_replace(std::size_t input) const override { return input == 1; }

private:
    std::size_t rows_;
    Finish finish_;
    simd::Panels matrix_;
    bool adds_;
};

/// One row with a matrix that no cache holds: it is read once in either layout, and need not be packed.
class StreamedProductKernel final : public Kernel {
public:
    StreamedProductKernel(const Product& request, Finish finish)
        : n_(static_cast<std::size_t>(request.kernel.shape().back())),
          k_(request.kernel.elements() / n_),
          kernel_(request.kernel),
          bias_(request.bias),
          finish_(finish) {}

    const char* name() const override { return "streamed product"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        share_range(n_, k_ * n_, workers, [&](std::size_t first, std::size_t end) {
            const std::size_t count = end - first;
            simd::product(
                {.x = {x[0], k_},
                 .matrix = kernel_.values<float>().data() + first,
                 .stride = n_,
                 .bias = bias_.has_value() ? bias_.values<float>().subspan(first, count) : std::span<const float>(),
                 .y = {y[0] + first, count}});
            simd::apply(finish_.curve, y[0] + first, y[0] + first, count);
        });
        finish_.rows(y[0], 1, n_);
    }

    static bool suits(const Product& request, std::size_t rows, DType precision) {
        constexpr std::size_t third_cache = 1 << 24;  // bytes
        return rows == 1 && precision == DType::float32 && request.kernel.byte_size() >= third_cache &&
               !request.factor.has_value() && !request.adds;
    }

private:
    std::size_t n_, k_;
    Tensor kernel_, bias_;
    Finish finish_;
};

}  // namespace

Candidate make_kernel(const Product& request, const Shape& in, const PackedWeights& weights) {
    const std::optional<Finish> finish = Finish::of(request.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    const auto rows = static_cast<std::size_t>(in.elements() / request.kernel.shape()[0]);
    if (StreamedProductKernel::suits(request, rows, weights.precision()))
        return {std::make_unique<StreamedProductKernel>(request, *finish), ""};
    return {std::make_unique<ProductKernel>(request, rows, *finish, weights), ""};
}

}  // namespace layerctl
