// Maxima and means of boxes of pixels, and of all of them.
#include <algorithm>
#include <functional>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"
#include "engine/kernels/simd/windows.hpp"

namespace layerctl {
namespace {

using ops::Pooling;
using ops::Range;

class PoolKernel final : public Kernel {
public:
    PoolKernel(const Pool& request, std::size_t batch, std::size_t channels)
        : boxes_(request.boxes),
          reduction_(request.pooling == Pooling::max ? simd::Reduction::maximum : simd::Reduction::mean),
          batch_(batch),
          channels_(channels) {}

    const char* name() const override { return "pool"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        const std::size_t rows = batch_ * boxes_.ranges[0].size() * boxes_.ranges[1].size();
        share_range(rows, batch_ * elements_in(), workers, [&](std::size_t row, std::size_t end) {
            for (; row < end; ++row) compute(row, x[0], y[0]);
        });
    }

private:
    std::size_t elements_in() const {
        return static_cast<std::size_t>(boxes_.in[0] * boxes_.in[1] * boxes_.in[2]) * channels_;
    }

    /// A row of outputs.
    void compute(std::size_t row, const float* x, float* y) const {
        const auto& [depths, heights, widths] = boxes_.ranges;
        const Range &depth = depths[row / heights.size() % depths.size()], &height = heights[row % heights.size()];
        x += row / (heights.size() * depths.size()) * elements_in();
        y += row * widths.size() * channels_;
        const auto pixel = static_cast<std::ptrdiff_t>(channels_);
        simd::Box box{.planes = static_cast<std::size_t>(depth.last - depth.first),
                      .rows = static_cast<std::size_t>(height.last - height.first),
                      .plane_step = boxes_.in[1] * boxes_.in[2] * pixel,
                      .row_step = boxes_.in[2] * pixel,
                      .column_step = pixel};
        x += depth.first * box.plane_step + height.first * box.row_step;
        for (const Range& width : widths) {
            box.x = x + width.first * pixel;
            box.columns = static_cast<std::size_t>(width.last - width.first);
            simd::reduce(reduction_, box, channels_, y);
            y += channels_;
        }
    }

    ops::Boxes boxes_;
    simd::Reduction reduction_;
    std::size_t batch_, channels_;
};

class ReduceKernel final : public Kernel {
public:
    ReduceKernel(const Reduce& request, const Shape& in)
        : reduction_(request.pooling == Pooling::max ? simd::Reduction::maximum_or_nan : simd::Reduction::mean),
          heeds_mask_(request.heeds_mask),
          batch_(static_cast<std::size_t>(in.front())),
          pixels_(static_cast<std::size_t>(in.elements(1, in.rank() - 1))),
          channels_(static_cast<std::size_t>(in.back())) {}

    const char* name() const override { return "reduce"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        if (heeds_mask_ && x[1] != nullptr) return mean_of_seen(x[0], reinterpret_cast<const bool*>(x[1]), y[0]);
        const std::size_t slices = (channels_ + slice - 1) / slice, all = batch_ * slices;
        share_range(all, batch_ * pixels_ * channels_, workers, [&](std::size_t at, std::size_t end) {
            for (; at < end; ++at) compute(at / slices, at % slices * slice, x[0], y[0]);
        });
    }

private:
    static constexpr std::size_t slice = 64;  // channels that a thread takes at a time

    void compute(std::size_t entry, std::size_t channel, const float* x, float* y) const {
        const simd::Box box{.x = x + entry * pixels_ * channels_ + channel,
                            .planes = 1,
                            .rows = 1,
                            .columns = pixels_,
                            .column_step = static_cast<std::ptrdiff_t>(channels_)};
        simd::reduce(reduction_, box, std::min(slice, channels_ - channel), y + entry * channels_ + channel);
    }

    void mean_of_seen(const float* x, const bool* mask, float* y) const {
        for (std::size_t entry = 0; entry < batch_; ++entry, mask += pixels_, y += channels_) {
            std::fill_n(y, channels_, 0.0F);
            for (std::size_t pixel = 0; pixel < pixels_; ++pixel, x += channels_)
                if (mask[pixel]) std::transform(x, x + channels_, y, y, std::plus<>());
            const auto count = static_cast<float>(std::count(mask, mask + pixels_, true));
            std::transform(y, y + channels_, y, [=](float sum) { return sum / count; });
        }
    }

    simd::Reduction reduction_;
    bool heeds_mask_;
    std::size_t batch_, pixels_, channels_;
};

}  // namespace

Candidate make_kernel(const Pool& request, const Shape& in) {
    return {std::make_unique<PoolKernel>(request, static_cast<std::size_t>(in.front()),
                                         static_cast<std::size_t>(in.back())),
            ""};
}

Candidate make_kernel(const Reduce& request, const Shape& in) {
    return {std::make_unique<ReduceKernel>(request, in), ""};
}

}  // namespace layerctl
