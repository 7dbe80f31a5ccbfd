#include "engine/kernels/depthwise.hpp"

#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"
#include "engine/kernels/simd/windows.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;
using ops::WindowAxis;

/// So many channels of the rows that a row of windows reads stay in the innermost cache, until the next row reads most
/// of them again. Images that come from far away are better read as they lie.
std::int64_t channels_at_once(const ConvShape& shape) {
    constexpr std::int64_t near_floats = 1 << 17, innermost_floats = 4096, line = Tensor::alignment / sizeof(float);
    if (ops::input_positions(shape.axes) > near_floats / shape.channels) return shape.channels;
    const std::int64_t rows = shape.axes[0].size * shape.axes[1].size;
    return std::max<std::int64_t>(innermost_floats / (rows * shape.axes[2].in) / line, 1) * line;
}

class DepthwiseKernel final : public Kernel {
public:
    DepthwiseKernel(const Depthwise& request, simd::Curve curve) : lines_(request, curve) {}

    const char* name() const override { return "depthwise"; }

    std::size_t scratch() const override { return lines_.copies(); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const float* const images = lines_.repeated(x[0], scratch);
        const std::int64_t of_image = lines_.count(), in = lines_.image_floats(), out = lines_.line_floats();
        const auto compute = [&](std::int64_t image, const LineRange& some) {
            lines_.compute(some, {images + image * in, 0}, y[0] + (image * of_image + some.first) * out);
        };
        share_range(
            static_cast<std::size_t>(lines_.batch() * of_image), lines_.macs(), workers,
            [&](std::size_t begin, std::size_t end) {
                lines_.for_each_image({static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)}, compute);
            });
    }

private:
    DepthwiseLines lines_;
};

}  // namespace

DepthwiseLines::DepthwiseLines(const Depthwise& request, simd::Curve curve)
    : shape_(request.shape),
      multiplier_(request.shape.filters / request.shape.channels),
      kernel_(request.kernel),
      bias_(request.bias),
      curve_(curve) {
    shape_.channels = shape_.filters;
    if (!bias_.has_value()) bias_ = Tensor(DType::float32, {shape_.channels});
    at_once_ = channels_at_once(shape_);
    const WindowAxis& width = shape_.axes[2];
    const auto is_whole = [&](std::int64_t t) {
        const WindowAxis::Taps taps = width.taps(t);
        return taps.last - taps.first == width.size;
    };
    while (inner_begin_ < width.out && !is_whole(inner_begin_)) ++inner_begin_;
    inner_end_ = inner_begin_;
    while (inner_end_ < width.out && is_whole(inner_end_)) ++inner_end_;
}

std::size_t DepthwiseLines::macs() const {
    return static_cast<std::size_t>(ops::applications(shape_) * shape_.channels);
}

std::size_t DepthwiseLines::copies() const {
    return multiplier_ == 1 ? 0 : static_cast<std::size_t>(shape_.batch * image_floats());
}

const float* DepthwiseLines::repeated(const float* x, float* to) const {
    if (multiplier_ == 1) return x;
    float* at = to;
    for (std::int64_t i = 0; i < shape_.batch * image_floats() / multiplier_; ++i)
        at = std::fill_n(at, multiplier_, x[i]);
    return to;
}

void DepthwiseLines::compute(const LineRange& range, const Lines& x, float* y) const {
    for (std::int64_t channel = 0; channel < shape_.channels; channel += at_once_)
        for (std::int64_t line = range.first; line < range.last; ++line) {
            float* const to = y + (line - range.first) * line_floats();
            compute(line, channel, x, to);
            const bool is_last = channel + at_once_ >= shape_.channels;
            if (is_last && !is_limits()) simd::apply(curve_, to, to, static_cast<std::size_t>(line_floats()));
        }
}

/// One line, from that channel on as many as are computed at once.
void DepthwiseLines::compute(std::int64_t line, std::int64_t channel, const Lines& x, float* y) const {
    const std::int64_t rows = shape_.axes[1].out;
    const auto outputs = [&](std::int64_t begin, std::int64_t end) {
        if (begin < end)
            compute({line / rows, line % rows, begin}, end - begin, channel, x, y + begin * shape_.channels);
    };
    for (std::int64_t t = 0; t < inner_begin_; ++t) outputs(t, t + 1);
    outputs(inner_begin_, inner_end_);
    for (std::int64_t t = inner_end_; t < shape_.axes[2].out; ++t) outputs(t, t + 1);
}

/// Outputs of one line from that place on, whose windows have the same columns.
void DepthwiseLines::compute(const std::array<std::int64_t, 3>& place, std::int64_t outputs, std::int64_t channel,
                             const Lines& x, float* y) const {
    const auto& [depth, height, width] = shape_.axes;
    const auto d = depth.taps(place[0]), h = height.taps(place[1]), w = width.taps(place[2]);
    const simd::Curve limits = is_limits() ? curve_ : simd::Curve{};
    const std::int64_t channels = shape_.channels;
    simd::DepthwiseCall call{.next = width.stride * channels,
                             .kernel = kernel_.values<float>().data() + channel,
                             .kernel_plane_step = height.size * width.size * channels,
                             .kernel_row_step = width.size * channels,
                             .bias = bias_.values<float>().data() + channel,
                             .channels = static_cast<std::size_t>(std::min(at_once_, channels - channel)),
                             .outputs = static_cast<std::size_t>(outputs),
                             .y = y + channel,
                             .pixel_step = channels,
                             .low = limits.low,
                             .high = limits.high};
    if (d.first < d.last && h.first < h.last && w.first < w.last) {
        const std::int64_t line =
            depth.position(place[0], d.first) * height.in + height.position(place[1], h.first) - x.first;
        call.window = {.x = x.x + (line * width.in + width.position(place[2], w.first)) * channels + channel,
                       .planes = static_cast<std::size_t>(d.last - d.first),
                       .rows = static_cast<std::size_t>(h.last - h.first),
                       .columns = static_cast<std::size_t>(w.last - w.first),
                       .plane_step = depth.dilation * height.in * width.in * channels,
                       .row_step = height.dilation * width.in * channels,
                       .column_step = width.dilation * channels};
        call.kernel += ((d.first * height.size + h.first) * width.size + w.first) * channels;
    }
    simd::depthwise(call);
}

/// What is kept for a run only, next to what is there anyway: a file may say any multiplier.
bool DepthwiseLines::repeats_too_much(const ConvShape& shape) {
    constexpr double always_allowed = 1 << 22;
    if (shape.filters == shape.channels) return false;
    const double in = static_cast<double>(shape.batch * ops::input_positions(shape.axes) * shape.channels);
    const double out = static_cast<double>(shape.batch * ops::output_positions(shape.axes) * shape.filters);
    const double copies = in * static_cast<double>(shape.filters / shape.channels);
    return copies > always_allowed && copies > 4 * (in + out);
}

Candidate make_kernel(const Depthwise& request, const Shape&) {
    if (DepthwiseLines::repeats_too_much(request.shape)) return Candidate::no("more copies than output");
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    return {std::make_unique<DepthwiseKernel>(request, *curve), ""};
}

}  // namespace layerctl
