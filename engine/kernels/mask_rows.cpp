// Rows that are all one number, hidden and zeroed: Masking.
#include <algorithm>

#include "engine/kernels/kernel.hpp"

namespace layerctl {
namespace {

class MaskRowsKernel final : public Kernel {
public:
    MaskRowsKernel(const MaskRows& request, const Shape& in)
        : value_(request.value),
          rows_(static_cast<std::size_t>(in.elements(0, in.rank() - 1))),
          length_(static_cast<std::size_t>(in.back())) {}

    const char* name() const override { return "mask_rows"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        bool* mask = reinterpret_cast<bool*>(y[1]);
        for (std::size_t row = 0; row < rows_; ++row) {
            const float* from = x[0] + row * length_;
            mask[row] = std::any_of(from, from + length_, [this](float number) { return number != value_; });
            const float factor = mask[row] ? 1.0F : 0.0F;
            std::transform(from, from + length_, y[0] + row * length_, [=](float number) { return number * factor; });
        }
    }

private:
    float value_;
    std::size_t rows_, length_;
};

}  // namespace

Candidate make_kernel(const MaskRows& request, const Shape& in) {
    return {std::make_unique<MaskRowsKernel>(request, in), ""};
}

}  // namespace layerctl
