// Rows of a table: Embedding; and the mask of ids that mean something.
#include <algorithm>
#include <cmath>

#include "engine/kernels/kernel.hpp"

namespace layerctl {
namespace {

template <class Id>
class GatherKernel final : public Kernel {
public:
    GatherKernel(const Gather& request, std::size_t count)
        : table_(request.table),
          rows_(request.table.shape()[0]),
          width_(static_cast<std::size_t>(request.table.shape()[1])),
          negative_from_end_(request.negative_from_end),
          makes_mask_(request.makes_mask),
          count_(count) {}

    const char* name() const override { return "gather"; }

    bool takes(const float* const* x) const override {
        const Id* ids = reinterpret_cast<const Id*>(x[0]);
        return std::all_of(ids, ids + count_, [this](Id id) { return is_whole(id) && is_row(row_of(id)); });
    }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        const Id* ids = reinterpret_cast<const Id*>(x[0]);
        const float* table = table_.values<float>().data();
        for (std::size_t i = 0; i < count_; ++i)
            std::copy_n(table + static_cast<std::size_t>(row_of(ids[i])) * width_, width_, y[0] + i * width_);
        if (!makes_mask_) return;
        std::transform(ids, ids + count_, reinterpret_cast<bool*>(y[1]), [](Id id) { return id != 0; });
    }

private:
    /// Whether it is a number at all once it has lost its fraction.
    static bool is_whole(Id id) { return std::abs(static_cast<double>(id)) < 0x1p62; }

    std::int64_t row_of(Id id) const {
        const auto whole = static_cast<std::int64_t>(id);
        return whole < 0 && negative_from_end_ ? whole + rows_ : whole;
    }
    bool is_row(std::int64_t row) const { return row >= 0 && row < rows_; }

    Tensor table_;
    std::int64_t rows_;
    std::size_t width_;
    bool negative_from_end_, makes_mask_;
    std::size_t count_;
};

template <class Id>
Candidate gather(const Gather& request, std::size_t count) {
    return {std::make_unique<GatherKernel<Id>>(request, count), ""};
}

}  // namespace

Candidate make_kernel(const Gather& request, const Shape& in, DType dtype) {
    const auto count = static_cast<std::size_t>(in.elements());
    switch (dtype) {
        case DType::float32: return gather<float>(request, count);
        case DType::int32: return gather<std::int32_t>(request, count);
        case DType::int64: return gather<std::int64_t>(request, count);
        default: return Candidate::no("ids of such a dtype");
    }
}

}  // namespace layerctl
