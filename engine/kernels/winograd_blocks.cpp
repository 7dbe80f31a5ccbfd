#include <algorithm>

#include "engine/kernels/shared_product.hpp"
#include "engine/kernels/winograd.hpp"
#include "models/error.hpp"

namespace layerctl {

WinogradKernel::WinogradKernel(const Convolution& request, simd::Curve curve, std::size_t tiles,
                               std::vector<simd::Panels> matrices)
    : channels_(matrices.front().k),
      filters_(matrices.front().n),
      nothing_(channels_),
      curve_(curve),
      bias_(filters_),
      matrices_(std::move(matrices)),
      tiles_(tiles),
      block_(find_block()),
      adds_(request.adds.has_value()) {
    if (request.bias.has_value()) std::copy_n(request.bias.values<float>().begin(), filters_, bias_.begin());
}

/// Tiles for which inputs and sums stay in the second cache; where those are few, as many as make the weights worth
/// reading (measured: 48 to 96 do).
std::size_t WinogradKernel::find_block() const {
    constexpr std::size_t second_cache = 1 << 17, third_cache = 1 << 21, few = 24, enough = 72;  // floats twice, tiles
    const std::size_t of_tile = components() * (channels_ + filters_);
    const std::size_t fitting =
        second_cache / of_tile >= few ? second_cache / of_tile : std::min(third_cache / of_tile, enough);
    return std::min(tiles_, std::max(few, fitting));
}

void WinogradKernel::run(const float* const* x, float* const* y, float* scratch, Workers& workers) const {
    const Output output{y[0], adds_ ? x[1] : nullptr};
    for (std::size_t first = 0; first < tiles_; first += block_)
        compute({first, std::min(block_, tiles_ - first), scratch, scratch + components() * input_stride()}, x[0],
                output, workers);
}

void WinogradKernel::compute(const Block& tiles, const float* x, const Output& output, Workers& workers) const {
    const std::size_t macs = components() * tiles.count * channels_ * filters_;
    share_range(tiles.count, macs, workers, [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) transform_input({tiles.first + i, input_stride()}, x, tiles.inputs + i * channels_);
    });
    const bool is_alone = parts_for(macs, workers) == 1;
    workers.share(is_alone ? 1 : components(), [&](std::size_t part) {
        for (std::size_t i = part; i < (is_alone ? components() : part + 1); ++i) multiply(tiles, i);
    });
    share_range(tiles.count, macs, workers, [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) transform_output({tiles.first + i, sum_stride()}, tiles.sums + i * filters_, output);
    });
}

simd::winograd::Output WinogradKernel::outputs_at(std::size_t pixel, Tile tile, const float* sums,
                                                  const Output& output) const {
    return {.sums = sums,
            .stride = tile.stride,
            .bias = bias_.data(),
            .filters = filters_,
            .y = output.y + pixel * filters_,
            .added = output.added == nullptr ? nullptr : output.added + pixel * filters_,
            .step = filters_,
            .height = 1,
            .curve = curve_};
}

void WinogradKernel::multiply(const Block& tiles, std::size_t component) const {
    simd::product(whole_rows(tiles.inputs + component * input_stride(), tiles.count, matrices_[component], {},
                             tiles.sums + component * sum_stride()));
}

namespace {

void small_weights(const Taps& taps, std::size_t n, float* u, std::size_t step) {
    std::copy_n(taps.g0, n, u);
    for (std::size_t i = 0; i < n; ++i) {
        const float ends = taps.g0[i] + taps.g2[i];
        u[step + i] = (ends + taps.g1[i]) / 2;
        u[2 * step + i] = (ends - taps.g1[i]) / 2;
    }
    std::copy_n(taps.g2, n, u + 3 * step);
}

}  // namespace

void winograd_weights(std::size_t reach, const Taps& taps, std::size_t n, float* u, std::size_t step) {
    if (reach == simd::winograd::small_reach) return small_weights(taps, n, u, step);
    constexpr double a = simd::winograd::near, b = simd::winograd::far;
    constexpr double points[] = {0, a, -a, b, -b};
    constexpr double near = 2 * a * a * (a * a - b * b), far = 2 * b * b * (b * b - a * a);
    constexpr double divisors[] = {a * a * b * b, near, near, far, far};
    for (std::size_t p = 0; p < 5; ++p, u += step) {
        const auto c0 = static_cast<float>(1 / divisors[p]);
        const auto c1 = static_cast<float>(points[p] / divisors[p]);
        const auto c2 = static_cast<float>(points[p] * points[p] / divisors[p]);
        for (std::size_t i = 0; i < n; ++i) u[i] = c0 * taps.g0[i] + c1 * taps.g1[i] + c2 * taps.g2[i];
    }
    std::copy_n(taps.g2, n, u);
}

std::vector<simd::Panels> winograd_matrices(const Convolution& request, const PackedWeights& weights,
                                            std::size_t components, const TransformChannel& transform) {
    return weights.get(cat("winograd ", components), [&] {
        const auto channels = static_cast<std::size_t>(request.shape.channels);
        const auto filters = static_cast<std::size_t>(request.shape.filters);
        const float* const kernel = request.kernel.values<float>().data();
        std::vector<simd::Panels> matrices;
        for (std::size_t i = 0; i < components; ++i) matrices.push_back(simd::empty_panels(channels, filters, {}));
        std::vector<float> u(components * filters);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            transform(kernel + channel * filters, channels * filters, u.data());
            multiply_columns(u, request.factor);
            for (std::size_t i = 0; i < components; ++i) simd::pack_row(matrices[i], channel, &u[i * filters]);
        }
        return matrices;
    });
}

namespace {

constexpr double per_weight = 12;

}  // namespace

double WinogradCost::direct() const { return taps * channels * filters * (outputs + per_weight); }

double WinogradCost::here() const {
    constexpr double per_number = 8, few = 16;
    const double vectors = std::max(channels, few);  // less is no faster
    return components * (vectors * filters * (tiles + per_weight) + tiles * (vectors + filters) * per_number);
}

}  // namespace layerctl
