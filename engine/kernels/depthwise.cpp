// Depthwise convolutions, also as the first half of separable ones. Windows at the borders are those pixels of them
// that are there; the others of a row are computed together.
#include <algorithm>

#include "engine/kernels/finish.hpp"
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
    DepthwiseKernel(const Depthwise& request, simd::Curve curve)
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

    const char* name() const override { return "depthwise"; }

    std::size_t scratch() const override {
        return multiplier_ == 1 ? 0 : static_cast<std::size_t>(inputs() * multiplier_);
    }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const float* const from = multiplier_ == 1 ? x[0] : repeated(x[0], scratch);
        const auto rows = static_cast<std::size_t>(shape_.batch * shape_.axes[0].out * shape_.axes[1].out);
        const auto macs = static_cast<std::size_t>(ops::applications(shape_) * shape_.channels);
        share_range(rows, macs, workers, [&](std::size_t begin, std::size_t end) {
            for (std::int64_t channel = 0; channel < shape_.channels; channel += at_once_)
                for (std::size_t row = begin; row < end; ++row)
                    compute(static_cast<std::int64_t>(row), channel, from, y[0]);
        });
    }

private:
    std::int64_t inputs() const {
        return shape_.batch * ops::input_positions(shape_.axes) * (shape_.channels / multiplier_);
    }

    /// A channel for each of the kernels that read the same one.
    const float* repeated(const float* x, float* to) const {
        float* at = to;
        for (std::int64_t i = 0; i < inputs(); ++i) at = std::fill_n(at, multiplier_, x[i]);
        return to;
    }

    /// A row of outputs, from that channel on as many as are computed at once.
    void compute(std::int64_t row, std::int64_t channel, const float* x, float* y) const {
        const auto& [depth, height, width] = shape_.axes;
        const std::int64_t line = row % height.out, plane = row / height.out % depth.out;
        const std::int64_t image = row / (depth.out * height.out);
        x += image * ops::input_positions(shape_.axes) * shape_.channels;
        y += row * width.out * shape_.channels;
        const auto outputs = [&](std::int64_t begin, std::int64_t end) {
            if (begin < end)
                compute({plane, line, begin}, end - begin, channel, x, y + begin * shape_.channels);
        };
        for (std::int64_t t = 0; t < inner_begin_; ++t) outputs(t, t + 1);
        outputs(inner_begin_, inner_end_);
        for (std::int64_t t = inner_end_; t < width.out; ++t) outputs(t, t + 1);
    }

    /// Outputs of one row from that place on, whose windows have the same columns.
    void compute(const std::array<std::int64_t, 3>& place, std::int64_t outputs, std::int64_t channel, const float* x,
                 float* y) const {
        const auto& [depth, height, width] = shape_.axes;
        const auto d = depth.taps(place[0]), h = height.taps(place[1]), w = width.taps(place[2]);
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
                                 .curve = curve_};
        if (d.first < d.last && h.first < h.last && w.first < w.last) {
            const std::int64_t line =
                depth.position(place[0], d.first) * height.in + height.position(place[1], h.first);
            call.window = {.x = x + (line * width.in + width.position(place[2], w.first)) * channels + channel,
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

    ConvShape shape_;  // with channels for all filters
    std::int64_t multiplier_;
    std::int64_t at_once_ = 0;
    Tensor kernel_, bias_;
    simd::Curve curve_;
    std::int64_t inner_begin_ = 0, inner_end_ = 0;  // outputs of a row whose windows have all columns
};

class SeparableKernel final : public Kernel {
public:
    SeparableKernel(const Depthwise& depthwise, const Product& product, Finish finish, const PackedWeights& weights)
        : depthwise_(depthwise, {}),
          rows_(static_cast<std::size_t>(depthwise.shape.batch * ops::output_positions(depthwise.shape.axes))),
          finish_(finish),
          matrix_(packed(product, weights)) {}

    const char* name() const override { return "separable"; }

    std::size_t scratch() const override { return rows_ * matrix_.k + depthwise_.scratch(); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        depthwise_.run(x, &scratch, scratch + rows_ * matrix_.k, workers);
        shared_product(scratch, rows_, matrix_, finish_.curve, y[0], workers);
        finish_.rows(y[0], rows_, matrix_.n);
    }

private:
    DepthwiseKernel depthwise_;
    std::size_t rows_;
    Finish finish_;
    simd::Panels matrix_;
};

double inputs(const ConvShape& shape) {
    return static_cast<double>(shape.batch * ops::input_positions(shape.axes) * shape.channels);
}
double outputs(const ConvShape& shape, std::int64_t filters) {
    return static_cast<double>(shape.batch * ops::output_positions(shape.axes) * filters);
}

/// What is kept for a run only, next to what is there anyway: a file may say any multiplier and any stride.
bool is_too_much(double floats, double given) {
    constexpr double always_allowed = 1 << 22;
    return floats > always_allowed && floats > 4 * given;
}

bool repeats_too_much(const ConvShape& shape) {
    if (shape.filters == shape.channels) return false;
    const double in = inputs(shape);
    return is_too_much(in * static_cast<double>(shape.filters / shape.channels), in + outputs(shape, shape.filters));
}

}  // namespace

Candidate make_kernel(const Depthwise& request, const Shape&) {
    if (repeats_too_much(request.shape)) return Candidate::no("more copies than output");
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    return {std::make_unique<DepthwiseKernel>(request, *curve), ""};
}

Candidate make_kernel(const Separable& request, const Shape& in, const PackedWeights& weights) {
    const ConvShape& shape = request.depthwise.shape;
    const double given = inputs(shape) + outputs(shape, request.product.kernel.shape().back());
    if (repeats_too_much(shape) || is_too_much(outputs(shape, shape.filters), given))
        return Candidate::no("more between its halves than before and behind them");
    const std::optional<Finish> finish = Finish::of(request.product.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    return {std::make_unique<SeparableKernel>(request.depthwise, request.product, *finish, weights), ""};
}

}  // namespace layerctl
