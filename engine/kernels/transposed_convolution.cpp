// Transposed convolutions: a product gives what every element of the input adds to the window it stands for.
#include <algorithm>

#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;

class TransposedConvolutionKernel final : public Kernel {
public:
    TransposedConvolutionKernel(const TransposedConvolution& request, Finish finish, const PackedWeights& weights)
        : shape_(request.shape), finish_(finish), bias_(request.bias) {
        const Shape& kernel = request.kernel.shape();
        const Tensor matrix = request.kernel.reshaped({kernel[0], kernel[1] * kernel[2]});
        matrix_ = weights.get("panels", [&] { return packed(matrix, {}, {}); });
        if (!bias_.has_value()) bias_ = Tensor(DType::float32, {shape_.filters});
        at_once_ = std::clamp<std::size_t>(most_floats / matrix_.n, 1, positions());
    }

    const char* name() const override { return "transposed convolution"; }

    std::size_t scratch() const override { return at_once_ * matrix_.n; }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const auto outputs = static_cast<std::size_t>(ops::input_positions(shape_.axes));
        const std::size_t n = bias_.elements();
        for (std::size_t image = 0; image < static_cast<std::size_t>(shape_.batch); ++image) {
            const float* from = x[0] + image * positions() * matrix_.k;
            float* to = y[0] + image * outputs * n;
            for (std::size_t t = 0; t < outputs; ++t) std::copy_n(bias_.values<float>().data(), n, to + t * n);
            for (std::size_t first = 0; first < positions(); first += at_once_) {
                const std::size_t count = std::min(at_once_, positions() - first);
                shared_product(from + first * matrix_.k, count, matrix_, {}, scratch, workers);
                for (std::size_t i = 0; i < count; ++i)
                    add_window(static_cast<std::int64_t>(first + i), scratch + i * matrix_.n, to);
            }
            simd::apply(finish_.curve, to, to, outputs * n);
            finish_.rows(to, outputs, n);
        }
    }

private:
    /// Stay in the cache until they are added.
    static constexpr std::size_t most_floats = 1 << 16;

    /// Of an image of the input.
    std::size_t positions() const { return static_cast<std::size_t>(ops::output_positions(shape_.axes)); }

    void add_window(std::int64_t position, const float* sums, float* y) const {
        const auto& [depth, height, width] = shape_.axes;
        const std::int64_t tw = position % width.out, row = position / width.out;
        const std::int64_t td = row / height.out, th = row % height.out;
        const auto kd = depth.taps(td), kh = height.taps(th);
        for (std::int64_t d = kd.first; d < kd.last; ++d)
            for (std::int64_t h = kh.first; h < kh.last; ++h) {
                const std::int64_t line = depth.position(td, d) * height.in + height.position(th, h);
                add_taps(tw, sums + (d * height.size + h) * width.size * shape_.filters,
                         y + line * width.in * shape_.filters);
            }
    }

    /// A row of taps to a row of the output.
    void add_taps(std::int64_t t, const float* sums, float* y) const {
        const ops::WindowAxis& width = shape_.axes[2];
        const auto taps = width.taps(t);
        const std::int64_t together = width.dilation == 1 ? taps.last - taps.first : 1;
        for (std::int64_t k = taps.first; k < taps.last; k += together) {
            float* to = y + width.position(t, k) * shape_.filters;
            simd::combine({.operation = simd::Operation::add,
                           .a = {to, 1},
                           .b = {sums + k * shape_.filters, 1},
                           .n = static_cast<std::size_t>(together * shape_.filters),
                           .y = to});
        }
    }

    ConvShape shape_;
    Finish finish_;
    simd::Panels matrix_;
    Tensor bias_;
    std::size_t at_once_ = 1;
};

/// Windows that lie side by side add nothing to each other: every row of the output is a product.
class SideBySideKernel final : public Kernel {
public:
    SideBySideKernel(const TransposedConvolution& request, Finish finish, const PackedWeights& weights)
        : shape_(request.shape),
          finish_(finish),
          row_(shape_.axes[2].size * shape_.filters),
          matrices_(weights.get("rows", [&] { return matrices_of(request); })) {}

    static bool suits(const ConvShape& shape) {
        return std::all_of(shape.axes.begin(), shape.axes.end(), [](const ops::WindowAxis& axis) {
            return axis.size == axis.stride && axis.dilation == 1 && axis.before == 0 &&
                   axis.in == axis.out * axis.stride;
        });
    }

    const char* name() const override { return "transposed convolution"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        const auto rows = static_cast<std::size_t>(shape_.batch * shape_.axes[0].in * shape_.axes[1].in);
        const auto macs = static_cast<std::size_t>(shape_.axes[2].out * shape_.channels * row_);
        share_range(rows, rows * macs, workers, [&](std::size_t row, std::size_t end) {
            for (; row < end; ++row) compute(static_cast<std::int64_t>(row), x[0], y[0]);
        });
    }

private:
    /// By row of the kernel.
    std::vector<simd::Panels> matrices_of(const TransposedConvolution& request) const {
        std::vector<float> bias(static_cast<std::size_t>(row_));
        if (request.bias.has_value())
            for (std::size_t i = 0; i < bias.size(); ++i)
                bias[i] = request.bias.values<float>()[i % request.bias.elements()];
        const std::int64_t kernel_rows = shape_.axes[0].size * shape_.axes[1].size;
        std::vector<simd::Panels> matrices;
        for (std::int64_t i = 0; i < kernel_rows; ++i) {
            matrices.push_back(simd::empty_panels(static_cast<std::size_t>(shape_.channels), bias.size(), bias));
            const float* from = request.kernel.values<float>().data() + i * row_;
            for (std::int64_t channel = 0; channel < shape_.channels; ++channel, from += kernel_rows * row_)
                simd::pack_row(matrices.back(), static_cast<std::size_t>(channel), from);
        }
        return matrices;
    }

    /// A row of the output.
    void compute(std::int64_t row, const float* x, float* y) const {
        const auto& [depth, height, width] = shape_.axes;
        const std::int64_t h = row % height.in, d = row / height.in % depth.in, image = row / height.in / depth.in;
        const std::int64_t from = (image * depth.out + d / depth.size) * height.out + h / height.size;
        const std::int64_t kernel_row = d % depth.size * height.size + h % height.size;
        const simd::Panels& matrix = matrices_[static_cast<std::size_t>(kernel_row)];
        float* to = y + row * width.out * row_;
        simd::product(whole_rows(x + from * width.out * shape_.channels, static_cast<std::size_t>(width.out), matrix,
                                 finish_.curve, to));
        finish_.rows(to, static_cast<std::size_t>(width.in), static_cast<std::size_t>(shape_.filters));
    }

    ConvShape shape_;
    Finish finish_;
    std::int64_t row_;  // what one element of the input gives to a row of the output
    std::vector<simd::Panels> matrices_;
};

}  // namespace

Candidate make_kernel(const TransposedConvolution& request, const Shape& in, const PackedWeights& weights) {
    const std::optional<Finish> finish = Finish::of(request.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    if (SideBySideKernel::suits(request.shape))
        return {std::make_unique<SideBySideKernel>(request, *finish, weights), ""};
    return {std::make_unique<TransposedConvolutionKernel>(request, *finish, weights), ""};
}

}  // namespace layerctl
