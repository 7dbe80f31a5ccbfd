// A depthwise convolution between products of single pixels, strip by strip: what one computes is still near when the
// next one reads it.
#include <algorithm>
#include <cstring>

#include "engine/kernels/depthwise.hpp"
#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;
using ops::WindowAxis;

bool has_planes(const ConvShape& shape) { return shape.axes[0].in > 1 || shape.axes[0].out > 1; }

/// Between which lines of an image outputs [range) read; all of it where there is more than one plane.
LineRange lines_read(const ConvShape& shape, const LineRange& range) {
    const WindowAxis& height = shape.axes[1];
    if (has_planes(shape)) return {0, shape.axes[0].in * height.in};
    const auto inside = [&](std::int64_t line) { return std::clamp<std::int64_t>(line, 0, height.in); };
    return {inside(height.position(range.first, 0)), inside(height.position(range.last - 1, height.size - 1) + 1)};
}

class SeparableKernel final : public Kernel {
public:
    SeparableKernel(const Separable& request, const Finish& finish, const PackedWeights& weights)
        : lines_(request.depthwise, *simd::curve_of(request.depthwise.activation)), finish_(finish) {
        if (request.expand) {
            expand_ = packed(*request.expand, weights.part("expand"));
            expand_curve_ = *simd::curve_of(request.expand->activation);
        }
        if (request.product) {
            product_ = packed(*request.product, weights.part("product"));
            adds_ = request.product->adds;
        }
        choose_strips();
    }

    const char* name() const override { return expand_ ? "expanded depthwise" : "separable"; }

    bool may_replace(std::size_t input) const override { return input == 1; }

    std::size_t scratch() const override { return lines_.copies() + slots_ * (read_floats_ + made_floats_); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const float* const images = expand_ ? x[0] : lines_.repeated(x[0], scratch);
        scratch += lines_.copies();
        const std::int64_t lines = lines_.batch() * lines_.count();
        const std::size_t parts = std::min(slots_, parts_for(macs(), workers));
        workers.share(parts, [&](std::size_t i) {
            const auto begin_of = [&](std::size_t part) {
                return lines * static_cast<std::int64_t>(part) / static_cast<std::int64_t>(parts);
            };
            const Images all{images, adds_ ? x[1] : nullptr, y[0]};
            compute({begin_of(i), begin_of(i + 1)}, all, scratch + i * (read_floats_ + made_floats_), workers);
        });
    }

private:
    struct Images {
        const float* x;
        const float* added;  // lies like y; null: nothing
        float* y;
    };

    const ConvShape& shape() const { return lines_.shape(); }
    std::int64_t floats_of_line_read() const { return shape().axes[2].in * shape().channels; }
    std::int64_t filters() const { return product_ ? static_cast<std::int64_t>(product_->n) : shape().channels; }

    std::size_t macs() const {
        const auto pixels = [&](std::int64_t positions, const simd::Panels& matrix) {
            return static_cast<std::size_t>(shape().batch * positions) * matrix.k * matrix.n;
        };
        return lines_.macs() + (expand_ ? pixels(ops::input_positions(shape().axes), *expand_) : 0) +
               (product_ ? pixels(ops::output_positions(shape().axes), *product_) : 0);
    }

    /// As many lines as leave room in the second cache; strips of about the same size.
    void choose_strips() {
        constexpr std::int64_t near = 1 << 16;  // floats
        const std::int64_t lines = lines_.count();
        const WindowAxis& height = shape().axes[1];
        const std::int64_t reach = (height.size - 1) * height.dilation + 1;
        strip_ = lines;
        if (!has_planes(shape())) {
            const std::int64_t of_read = expand_ ? floats_of_line_read() : 0;
            const std::int64_t shared = std::max<std::int64_t>(reach - height.stride, 0);
            const std::int64_t of_line = of_read * height.stride + (product_ ? lines_.line_floats() : 0);
            const std::int64_t most = std::clamp<std::int64_t>((near - shared * of_read) / of_line, 1, lines);
            const std::int64_t strips = (lines + most - 1) / most;
            strip_ = (lines + strips - 1) / strips;
        }
        const std::int64_t in = shape().axes[0].in * height.in;
        const std::int64_t most_read = has_planes(shape()) ? in : std::min((strip_ - 1) * height.stride + reach, in);
        read_floats_ = expand_ ? static_cast<std::size_t>(most_read * floats_of_line_read()) : 0;
        made_floats_ = product_ ? static_cast<std::size_t>(strip_ * lines_.line_floats()) : 0;
        constexpr std::int64_t most_slots = 64;
        slots_ = static_cast<std::size_t>(std::clamp<std::int64_t>(shape().batch * lines / strip_, 1, most_slots));
    }

    /// Lines of the outputs of all images.
    void compute(const LineRange& range, const Images& images, float* scratch, Workers& workers) const {
        const std::int64_t channels = expand_ ? static_cast<std::int64_t>(expand_->k) : shape().channels;
        const std::int64_t in = ops::input_positions(shape().axes) * channels;
        const std::int64_t out = ops::output_positions(shape().axes) * filters();
        lines_.for_each_image(range, [&](std::int64_t image, const LineRange& some) {
            const float* const added = images.added == nullptr ? nullptr : images.added + image * out;
            compute_image(some, {images.x + image * in, added, images.y + image * out}, scratch, workers);
        });
    }

    /// Lines of one image, strip by strip.
    void compute_image(const LineRange& range, const Images& image, float* scratch, Workers& workers) const {
        LineRange held;
        for (std::int64_t first = range.first; first < range.last; first += strip_) {
            const LineRange strip{first, std::min(first + strip_, range.last)};
            Lines from{image.x, 0};
            if (expand_) {
                const LineRange read = lines_read(shape(), strip);
                expand(read, held, image.x, scratch, workers);
                from = {scratch, read.first};
                held = read;
            }
            const std::int64_t at = strip.first * shape().axes[2].out * filters();
            float* const out = image.y + at;
            float* const made = product_ ? scratch + read_floats_ : out;
            share_range(static_cast<std::size_t>(strip.count()), lines_.macs(), workers,
                        [&](std::size_t begin, std::size_t end) {
                            const auto some = static_cast<std::int64_t>(begin), behind = static_cast<std::int64_t>(end);
                            lines_.compute({strip.first + some, strip.first + behind}, from,
                                           made + some * lines_.line_floats());
                        });
            if (!product_) continue;
            const auto rows = static_cast<std::size_t>(strip.count() * shape().axes[2].out);
            simd::ProductCall product = whole_rows(made, rows, *product_, finish_.curve, out);
            if (image.added != nullptr) product.added = image.added + at;
            shared_product(product, workers);
            finish_.rows(out, rows, product_->n);
        }
    }

    /// The lines wanted to the begin of the scratch, where those held lie; what is in both is moved.
    void expand(const LineRange& wanted, const LineRange& held, const float* image, float* scratch,
                Workers& workers) const {
        const std::int64_t line = floats_of_line_read(), width = shape().axes[2].in;
        std::int64_t first = wanted.first;
        if (held.first <= wanted.first && wanted.first < held.last) {
            std::memmove(scratch, scratch + (wanted.first - held.first) * line,
                         static_cast<std::size_t>((held.last - wanted.first) * line) * sizeof(float));
            first = held.last;
        }
        if (first >= wanted.last) return;
        shared_product(image + first * width * static_cast<std::int64_t>(expand_->k),
                       static_cast<std::size_t>((wanted.last - first) * width), *expand_, expand_curve_,
                       scratch + (first - wanted.first) * line, workers);
    }

    DepthwiseLines lines_;
    std::optional<simd::Panels> expand_;
    simd::Curve expand_curve_;
    std::optional<simd::Panels> product_;
    bool adds_ = false;
    Finish finish_;
    std::int64_t strip_ = 1;       // lines of outputs
    std::size_t read_floats_ = 0;  // that a strip reads, expanded
    std::size_t made_floats_ = 0;  // that it makes for the product
    std::size_t slots_ = 1;        // strips that can be computed at the same time
};

}  // namespace

Candidate make_kernel(const Separable& request, const Shape& in, const PackedWeights& weights) {
    if (DepthwiseLines::repeats_too_much(request.depthwise.shape)) return Candidate::no("more copies than output");
    Finish finish;
    if (request.product) {
        const std::optional<Finish> found = Finish::of(request.product->activation, in.rank());
        if (!found) return Candidate::no("its activation");
        finish = *found;
    }
    return {std::make_unique<SeparableKernel>(request, finish, weights), ""};
}

}  // namespace layerctl
