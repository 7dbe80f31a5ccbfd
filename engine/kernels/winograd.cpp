// Convolutions with kernels of 3×3 by Winograd's scheme: tiles of 4×4 outputs, for which 36 matrices are multiplied.
#include <algorithm>

#include "engine/kernels/finish.hpp"
#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"
#include "engine/kernels/simd/winograd.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;
using ops::WindowAxis;
using simd::winograd::components;
using simd::winograd::reach;
using simd::winograd::tile;

/// 3 rows of the kernel as values at the points, divided by what the other transforms leave out.
void weight_line(const float* g0, const float* g1, const float* g2, std::size_t n, float* u, std::size_t step) {
    constexpr double a = simd::winograd::near, b = simd::winograd::far;
    constexpr double points[] = {0, a, -a, b, -b};
    constexpr double near = 2 * a * a * (a * a - b * b), far = 2 * b * b * (b * b - a * a);
    constexpr double divisors[] = {a * a * b * b, near, near, far, far};
    for (std::size_t p = 0; p < 5; ++p, u += step) {
        const auto c0 = static_cast<float>(1 / divisors[p]);
        const auto c1 = static_cast<float>(points[p] / divisors[p]);
        const auto c2 = static_cast<float>(points[p] * points[p] / divisors[p]);
        for (std::size_t i = 0; i < n; ++i) u[i] = c0 * g0[i] + c1 * g1[i] + c2 * g2[i];
    }
    std::copy_n(g2, n, u);
}

/// The kernel (3, 3, channels, filters) as 36 matrices.
std::vector<simd::Panels> transformed(std::span<const float> kernel, std::size_t channels, std::size_t filters) {
    std::vector<simd::Panels> matrices;
    for (std::size_t i = 0; i < components; ++i) matrices.push_back(simd::empty_panels(channels, filters, {}));
    std::vector<float> columns(3 * reach * filters), u(components * filters);
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const float* const g = kernel.data() + channel * filters;
        const std::size_t tap = channels * filters;
        for (std::size_t x = 0; x < 3; ++x)
            weight_line(g + x * tap, g + (3 + x) * tap, g + (6 + x) * tap, filters, &columns[x * filters], 3 * filters);
        for (std::size_t y = 0; y < reach; ++y) {
            const float* const line = &columns[3 * y * filters];
            weight_line(line, line + filters, line + 2 * filters, filters, &u[reach * y * filters], filters);
        }
        for (std::size_t i = 0; i < components; ++i) simd::pack_row(matrices[i], channel, &u[i * filters]);
    }
    return matrices;
}

std::size_t tiles_along(const WindowAxis& axis) { return (static_cast<std::size_t>(axis.out) + tile - 1) / tile; }

class WinogradKernel final : public Kernel {
public:
    WinogradKernel(const Convolution& request, simd::Curve curve, const PackedWeights& weights)
        : height_(request.shape.axes[1]),
          width_(request.shape.axes[2]),
          channels_(static_cast<std::size_t>(request.shape.channels)),
          filters_(static_cast<std::size_t>(request.shape.filters)),
          columns_(tiles_along(width_)),
          tiles_(static_cast<std::size_t>(request.shape.batch * request.shape.axes[0].out) * tiles_along(height_) *
                 columns_),
          block_(find_block()),
          curve_(curve),
          nothing_(channels_),
          bias_(filters_) {
        if (request.bias.has_value()) std::copy_n(request.bias.values<float>().begin(), filters_, bias_.begin());
        matrices_ =
            weights.get(name(), [&] { return transformed(request.kernel.values<float>(), channels_, filters_); });
    }

    const char* name() const override { return "winograd"; }

    /// Transformed inputs and sums of a block of tiles.
    std::size_t scratch() const override { return components * block_ * (channels_ + filters_); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        for (std::size_t first = 0; first < tiles_; first += block_)
            compute({first, std::min(block_, tiles_ - first), scratch, scratch + components * block_ * channels_}, x[0],
                    y[0], workers);
    }

private:
    struct Block {
        std::size_t first, count;  // of the tiles of all images
        float* inputs;             // (36, block_, channels)
        float* sums;               // (36, block_, filters)
    };

    /// Tiles for which inputs and sums stay in the second cache; many where the weights do not stay there anyway.
    std::size_t find_block() const {
        constexpr std::size_t second_cache = 1 << 17, third_cache = 1 << 21, few = 24;  // floats, floats, tiles
        const std::size_t of_tile = components * (channels_ + filters_);
        const std::size_t fitting = second_cache / of_tile >= few ? second_cache / of_tile : third_cache / of_tile;
        return std::min(tiles_, std::max(few, fitting));
    }

    void compute(const Block& tiles, const float* x, float* y, Workers& workers) const {
        const std::size_t macs = components * tiles.count * channels_ * filters_;
        share_range(tiles.count, macs, workers, [&](std::size_t i, std::size_t end) {
            for (; i < end; ++i) transform_input(tiles, i, x);
        });
        const bool is_alone = parts_for(macs, workers) == 1;
        workers.share(is_alone ? 1 : components, [&](std::size_t part) {
            for (std::size_t i = part; i < (is_alone ? components : part + 1); ++i) multiply(tiles, i);
        });
        share_range(tiles.count, macs, workers, [&](std::size_t i, std::size_t end) {
            for (; i < end; ++i) transform_output(tiles, i, y);
        });
    }

    struct Place {
        std::size_t image;
        std::int64_t y, x;  // of the first output
    };

    Place place(std::size_t of_tile) const {
        const std::size_t rows = tiles_along(height_);
        return {of_tile / columns_ / rows, static_cast<std::int64_t>(of_tile / columns_ % rows * tile),
                static_cast<std::int64_t>(of_tile % columns_ * tile)};
    }

    void transform_input(const Block& tiles, std::size_t i, const float* x) const {
        const Place at = place(tiles.first + i);
        const float* pixels[components];
        for (std::size_t row = 0; row < reach; ++row)
            for (std::size_t column = 0; column < reach; ++column) {
                const std::int64_t v = at.y - height_.before + static_cast<std::int64_t>(row);
                const std::int64_t u = at.x - width_.before + static_cast<std::int64_t>(column);
                const bool is_there = v >= 0 && v < height_.in && u >= 0 && u < width_.in;
                const std::int64_t pixel = (static_cast<std::int64_t>(at.image) * height_.in + v) * width_.in + u;
                pixels[row * reach + column] =
                    is_there ? x + static_cast<std::size_t>(pixel) * channels_ : nothing_.data();
            }
        simd::winograd::transform_input(pixels, channels_, tiles.inputs + i * channels_, block_ * channels_);
    }

    void multiply(const Block& tiles, std::size_t component) const {
        simd::product(whole_rows(tiles.inputs + component * block_ * channels_, tiles.count, matrices_[component], {},
                                 tiles.sums + component * block_ * filters_));
    }

    void transform_output(const Block& tiles, std::size_t i, float* y) const {
        const Place at = place(tiles.first + i);
        const std::size_t pixel = (at.image * static_cast<std::size_t>(height_.out) + static_cast<std::size_t>(at.y)) *
                                      static_cast<std::size_t>(width_.out) +
                                  static_cast<std::size_t>(at.x);
        const auto left = [](const WindowAxis& axis, std::int64_t from) {
            return std::min(tile, static_cast<std::size_t>(axis.out - from));
        };
        simd::winograd::transform_output({.sums = tiles.sums + i * filters_,
                                          .stride = block_ * filters_,
                                          .bias = bias_.data(),
                                          .filters = filters_,
                                          .y = y + pixel * filters_,
                                          .line = static_cast<std::size_t>(width_.out) * filters_,
                                          .height = left(height_, at.y),
                                          .width = left(width_, at.x),
                                          .curve = curve_});
    }

    WindowAxis height_, width_;
    std::size_t channels_, filters_;
    std::size_t columns_, tiles_, block_;
    simd::Curve curve_;
    std::vector<float> nothing_;  // a pixel beyond the borders
    std::vector<float> bias_;
    std::vector<simd::Panels> matrices_;
};

bool is_3_by_3(const ConvShape& shape) {
    const auto is = [](const WindowAxis& axis, std::int64_t size) {
        return axis.size == size && axis.stride == 1 && axis.dilation == 1;
    };
    const WindowAxis& depth = shape.axes[0];
    return is(depth, 1) && depth.before == 0 && depth.in == depth.out && is(shape.axes[1], 3) && is(shape.axes[2], 3);
}

/// In multiply-accumulates; weights that come from memory and transforms are counted by how long they take.
bool is_worth_it(const ConvShape& shape) {
    constexpr double per_weight = 12, per_number = 8, few = 16;
    const auto channels = static_cast<double>(shape.channels), filters = static_cast<double>(shape.filters);
    const auto images = static_cast<double>(shape.batch) * static_cast<double>(shape.axes[0].out);
    const double outputs = images * static_cast<double>(shape.axes[1].out) * static_cast<double>(shape.axes[2].out);
    const double tiles =
        images * static_cast<double>(tiles_along(shape.axes[1])) * static_cast<double>(tiles_along(shape.axes[2]));
    const double direct = 9 * channels * filters * (outputs + per_weight);
    const double vectors = std::max(channels, few);  // less is no faster
    const double here =
        components * (vectors * filters * (tiles + per_weight) + tiles * (vectors + filters) * per_number);
    return here < direct;
}

}  // namespace

Candidate make_winograd(const Convolution& request, const PackedWeights& weights) {
    if (!is_3_by_3(request.shape)) return Candidate::no("another kernel than 3×3, strides or gaps");
    if (!is_worth_it(request.shape)) return Candidate::no("too few channels or outputs to gain by it");
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    return {std::make_unique<WinogradKernel>(request, *curve, weights), ""};
}

}  // namespace layerctl
