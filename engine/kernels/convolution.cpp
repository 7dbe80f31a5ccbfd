// Convolutions as products: a window is a few stretches of memory, one per row of the kernel, so nothing is copied but
// inputs that need padding.
#include <algorithm>
#include <array>

#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;
using ops::WindowAxis;

/// Elements before and behind the input that windows reach into.
struct Border {
    std::int64_t before = 0, behind = 0;

    static Border of(const WindowAxis& axis) {
        const std::int64_t last = axis.position(axis.out - 1, axis.size - 1);
        return {std::max<std::int64_t>(axis.before, 0), std::max<std::int64_t>(last - (axis.in - 1), 0)};
    }
};

/// Windows with large gaps may reach far beyond a small input, and a file may say any gap.
bool pads_too_much(const ConvShape& shape) {
    constexpr double always_allowed = 1 << 22;
    auto given = static_cast<double>(shape.channels), padded = given;
    for (const WindowAxis& axis : shape.axes) {
        const Border border = Border::of(axis);
        given *= static_cast<double>(axis.in);
        padded *= static_cast<double>(axis.in) + static_cast<double>(border.before) + static_cast<double>(border.behind);
    }
    return padded > always_allowed && padded > 4 * given;
}

class ConvolutionKernel final : public Kernel {
public:
    ConvolutionKernel(const Convolution& request, Finish finish, const PackedWeights& weights)
        : shape_(request.shape),
          finish_(finish),
          matrix_(packed(request, weights)),
          gated_floats_(request.gated ? matrix_.panels.elements() : 0) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            borders_[axis] = Border::of(shape_.axes[axis]);
            padded_[axis] = shape_.axes[axis].in + borders_[axis].before + borders_[axis].behind;
        }
        find_rows();
        find_segments();
        if (request.adds) find_added(*request.adds);
    }

    const char* name() const override { return "convolution"; }

    std::size_t scratch() const override { return gated_floats_ + (is_padded() ? images_ * image_size(padded_) : 0); }

    bool may_replace(std::size_t input) const override {
        return adds() && added_rows_.empty() && input == last_input();
    }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const std::size_t in = image_size({shape_.axes[0].in, shape_.axes[1].in, shape_.axes[2].in});
        const std::size_t outputs = rows_.size() / images_, batch = static_cast<std::size_t>(shape_.batch);
        float* const padded = scratch + gated_floats_;
        for (std::size_t first = 0; first < batch; first += images_) {
            const std::size_t count = std::min(images_, batch - first);
            const float* images = x[0] + first * in;
            if (is_padded()) pad(images, count, padded, workers);
            if (is_gated()) simd::multiply_rows(matrix_, x[1] + first * matrix_.k, scratch);
            simd::ProductCall call = call_of(is_padded() ? padded : images, count * outputs);
            call.y = y[0] + first * outputs * matrix_.n;
            if (adds()) call.added = x[last_input()] + first * added_floats_;
            if (is_gated()) call.weights = scratch;
            shared_product(call, workers);
            finish_.rows(call.y, call.row_count, matrix_.n);
        }
    }

private:
    using Sizes = std::array<std::int64_t, 3>;

    std::size_t image_size(const Sizes& sizes) const {
        return static_cast<std::size_t>(sizes[0] * sizes[1] * sizes[2] * shape_.channels);
    }

    bool is_gated() const { return gated_floats_ > 0; }
    bool adds() const { return added_floats_ > 0; }
    std::size_t last_input() const { return is_gated() ? 2 : 1; }

    bool is_padded() const {
        const auto is_there = [](const Border& border) { return border.before + border.behind > 0; };
        return std::any_of(borders_.begin(), borders_.end(), is_there);
    }

    std::ptrdiff_t offset(std::int64_t z, std::int64_t y, std::int64_t x) const {
        return ((z * padded_[1] + y) * padded_[2] + x) * shape_.channels;
    }

    /// Where the window of every output begins, for as many images as make enough rows for the weights to be worth
    /// reading, or stay near. Borders that windows do not reach are not there.
    void find_rows() {
        constexpr std::int64_t enough = 256, near = 1 << 18;  // rows, floats
        const std::int64_t outputs = shape_.axes[0].out * shape_.axes[1].out * shape_.axes[2].out;
        const std::int64_t wanted = std::max(enough / outputs, near / static_cast<std::int64_t>(image_size(padded_)));
        images_ = static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, is_gated() ? 1 : shape_.batch));
        find_rows_of_one();
        const std::size_t of_one = rows_.size();
        for (std::size_t i = of_one; i < images_ * of_one; ++i)
            rows_.push_back(rows_[i - of_one] + static_cast<std::ptrdiff_t>(image_size(padded_)));
    }

    void find_rows_of_one() {
        for_each_output(shape_.axes, [this](std::int64_t z, std::int64_t y, std::int64_t x) {
            rows_.push_back(offset(z + borders_[0].before, y + borders_[1].before, x + borders_[2].before));
        });
    }

    /// Taps side by side are one segment.
    void find_segments() {
        const auto& [depth, height, width] = shape_.axes;
        const bool whole_rows = width.dilation == 1;
        segment_length_ = static_cast<std::size_t>(whole_rows ? width.size * shape_.channels : shape_.channels);
        for (std::int64_t z = 0; z < depth.size; ++z)
            for (std::int64_t y = 0; y < height.size; ++y)
                for (std::int64_t x = 0; x < (whole_rows ? 1 : width.size); ++x)
                    segments_.push_back(offset(z * depth.dilation, y * height.dilation, x * width.dilation));
    }

    void pad(const float* images, std::size_t count, float* to, Workers& workers) const {
        constexpr std::size_t like_so_many_macs = 4;  // moving a number takes as long
        const std::size_t floats = count * image_size(padded_);
        const std::size_t pixels = floats / static_cast<std::size_t>(shape_.channels);
        share_range(pixels, like_so_many_macs * floats, workers,
                    [&](std::size_t begin, std::size_t end) { pad(images, to, begin, end); });
    }

    /// Pixels of the padded images, line by line.
    void pad(const float* images, float* to, std::size_t begin_pixel, std::size_t end_pixel) const {
        const WindowAxis &depth = shape_.axes[0], &height = shape_.axes[1], &width = shape_.axes[2];
        const auto zeros = [&](std::int64_t pixels) { to = std::fill_n(to, pixels * shape_.channels, 0.0f); };
        auto pixel = static_cast<std::int64_t>(begin_pixel);
        const auto end = static_cast<std::int64_t>(end_pixel);
        to += pixel * shape_.channels;
        while (pixel < end) {
            const std::int64_t line = pixel / padded_[2], plane = line / padded_[1], image = plane / padded_[0];
            const std::int64_t z = plane % padded_[0] - borders_[0].before, x = pixel % padded_[2];
            const std::int64_t y = line % padded_[1] - borders_[1].before;
            const std::int64_t last = std::min(x + end - pixel, padded_[2]);
            pixel += last - x;
            const bool is_there = z >= 0 && z < depth.in && y >= 0 && y < height.in;
            const std::int64_t first_inside = is_there ? std::clamp(borders_[2].before, x, last) : last;
            const std::int64_t end_inside = std::clamp(borders_[2].before + width.in, first_inside, last);
            zeros(first_inside - x);
            if (first_inside == last) continue;
            const std::int64_t from_line = (image * depth.in + z) * height.in + y;
            const std::int64_t from = from_line * width.in + first_inside - borders_[2].before;
            to = std::copy_n(images + from * shape_.channels, (end_inside - first_inside) * shape_.channels, to);
            zeros(last - end_inside);
        }
    }

    /// Rows of what is added, if it has more pixels than the output.
    void find_added(const ops::WindowAxes& axes) {
        added_floats_ = static_cast<std::size_t>(ops::input_positions(axes)) * matrix_.n;
        if (ops::input_positions(axes) == ops::output_positions(axes)) return;
        for (std::size_t image = 0; image < images_; ++image)
            for_each_output(axes, [&](std::int64_t z, std::int64_t y, std::int64_t x) {
                const std::int64_t pixel = (z * axes[1].in + y) * axes[2].in + x;
                added_rows_.push_back(
                    static_cast<std::ptrdiff_t>(image * added_floats_ + static_cast<std::size_t>(pixel) * matrix_.n));
            });
    }

    /// action(where the window of an output begins)
    template <class Action>
    static void for_each_output(const ops::WindowAxes& axes, const Action& action) {
        for (std::int64_t z = 0; z < axes[0].out; ++z)
            for (std::int64_t y = 0; y < axes[1].out; ++y)
                for (std::int64_t x = 0; x < axes[2].out; ++x)
                    action(axes[0].position(z, 0), axes[1].position(y, 0), axes[2].position(x, 0));
    }

    simd::ProductCall call_of(const float* images, std::size_t rows) const {
        return {.x = images,
                .rows = rows_.data(),
                .row_count = rows,
                .segments = segments_,
                .segment_length = segment_length_,
                .matrix = &matrix_,
                .y_stride = static_cast<std::ptrdiff_t>(matrix_.n),
                .curve = finish_.curve,
                .added_rows = added_rows_.empty() ? nullptr : added_rows_.data()};
    }

    ConvShape shape_;
    Finish finish_;
    std::array<Border, 3> borders_;
    Sizes padded_{};
    std::size_t images_ = 1;  // that are computed together
    std::vector<std::ptrdiff_t> rows_;
    std::vector<std::ptrdiff_t> segments_;
    std::size_t segment_length_ = 0;
    simd::Panels matrix_;
    std::size_t gated_floats_;                // weights of an image; 0: no gate
    std::size_t added_floats_ = 0;            // of an image; 0: nothing is added
    std::vector<std::ptrdiff_t> added_rows_;  // where those of every output lie; empty: as the outputs
};

}  // namespace

Candidate make_kernel(const Convolution& request, const Shape& in, const PackedWeights& weights) {
    if (pads_too_much(request.shape)) return Candidate::no("more padding than input");
    const std::optional<Finish> finish = Finish::of(request.activation, in.rank());
    if (!finish) return Candidate::no("its activation");
    return {std::make_unique<ConvolutionKernel>(request, *finish, weights), ""};
}

}  // namespace layerctl
