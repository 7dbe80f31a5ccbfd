// Depthwise convolutions, line by line. Windows at the borders are those pixels of them that are there; the others of a
// line are computed together.
#pragma once

#include <algorithm>

#include "engine/kernels/simd/simd.hpp"
#include "engine/ops/request.hpp"

namespace layerctl {

/// Some lines of an image.
struct LineRange {
    std::int64_t first = 0, last = 0;

    std::int64_t count() const { return last - first; }
};

/// Pixels of an image from one of its lines on.
struct Lines {
    const float* x = nullptr;
    std::int64_t first = 0;
};

class DepthwiseLines {
public:
    DepthwiseLines(const Depthwise& request, simd::Curve curve);

    /// With channels for all filters.
    const ops::ConvShape& shape() const { return shape_; }
    std::int64_t batch() const { return shape_.batch; }

    /// Lines of an image that are computed, through all its planes, and floats of one.
    std::int64_t count() const { return shape_.axes[0].out * shape_.axes[1].out; }
    std::int64_t line_floats() const { return shape_.axes[2].out * shape_.channels; }

    /// Floats of an image that is read.
    std::int64_t image_floats() const { return ops::input_positions(shape_.axes) * shape_.channels; }

    /// Multiply-accumulates of all images.
    std::size_t macs() const;

    /// All images with a channel for each of the kernels that read the same one: copied to that place, as many floats
    /// as `copies` says; as they are if none do.
    const float* repeated(const float* x, float* to) const;
    std::size_t copies() const;

    /// action(image, lines of it) for lines that are counted through all images.
    template <class Action>
    void for_each_image(const LineRange& range, const Action& action) const {
        for (std::int64_t line = range.first; line < range.last;) {
            const std::int64_t image = line / count(), first = line % count();
            const LineRange here{first, std::min(first + range.last - line, count())};
            action(image, here);
            line += here.count();
        }
    }

    /// Those lines of one image, one after the other.
    void compute(const LineRange& range, const Lines& x, float* y) const;

    /// Whether the copies are out of all proportion.
    static bool repeats_too_much(const ops::ConvShape& shape);

private:
    void compute(std::int64_t line, std::int64_t channel, const Lines& x, float* y) const;
    void compute(const std::array<std::int64_t, 3>& place, std::int64_t outputs, std::int64_t channel, const Lines& x,
                 float* y) const;

    bool is_limits() const { return curve_.id == Activation::Id::linear; }

    ops::ConvShape shape_;
    std::int64_t multiplier_;
    std::int64_t at_once_ = 0;
    Tensor kernel_, bias_;
    simd::Curve curve_;
    std::int64_t inner_begin_ = 0, inner_end_ = 0;  // outputs of a line whose windows have all columns
};

}  // namespace layerctl
