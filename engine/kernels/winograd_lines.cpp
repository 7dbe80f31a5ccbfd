// Convolutions along one axis with kernels of 3 places, with or without gaps: tiles of 4 outputs, for which 6 matrices
// are multiplied. With gaps, the outputs of a tile lie as far apart as the places of the kernel.
#include <algorithm>

#include "engine/kernels/winograd.hpp"

namespace layerctl {
namespace {

using ops::WindowAxis;
using simd::winograd::reach;
using simd::winograd::tile;

/// The kernel (3, channels, filters) as 6 matrices.
std::vector<simd::Panels> matrices_of(const Convolution& request, const PackedWeights& weights) {
    const auto filters = static_cast<std::size_t>(request.shape.filters);
    return winograd_matrices(request, weights, reach, [filters](const float* g, std::size_t tap, float* u) {
        winograd_weights(reach, {g, g + tap, g + 2 * tap}, filters, u, filters);
    });
}

/// Outputs as far apart as the places of the kernel are one line.
struct Lines {
    explicit Lines(const WindowAxis& axis) : count(axis.dilation), longest((axis.out - 1) / count + 1) {}

    std::size_t tiles() const {
        return static_cast<std::size_t>(count) * ((static_cast<std::size_t>(longest) + tile - 1) / tile);
    }

    std::int64_t count, longest;
};

class LinesKernel final : public WinogradKernel {
public:
    LinesKernel(const Convolution& request, simd::Curve curve, const PackedWeights& weights)
        : WinogradKernel(request, curve,
                         static_cast<std::size_t>(request.shape.batch) * Lines(request.shape.axes[2]).tiles(),
                         matrices_of(request, weights)),
          axis_(request.shape.axes[2]),
          lines_(axis_) {}

private:
    struct Place {
        std::int64_t row;    // of the batch
        std::int64_t first;  // output
    };

    /// Those of all lines side by side, so that neighbours in memory are transformed one after the other.
    Place place(std::size_t of_tile) const {
        const auto number = static_cast<std::int64_t>(of_tile), each = static_cast<std::int64_t>(lines_.tiles());
        const std::int64_t in_row = number % each, step = static_cast<std::int64_t>(tile) * axis_.dilation;
        return {number / each, in_row % lines_.count + in_row / lines_.count * step};
    }

    void transform_input(Tile at_tile, const float* x, float* to) const override {
        const Place at = place(at_tile.number);
        const float* pixels[reach];
        for (std::size_t i = 0; i < reach; ++i) {
            const std::int64_t u = at.first - axis_.before + static_cast<std::int64_t>(i) * axis_.dilation;
            const bool is_there = u >= 0 && u < axis_.in;
            pixels[i] = is_there ? x + static_cast<std::size_t>(at.row * axis_.in + u) * channels_ : nothing_.data();
        }
        simd::winograd::transform_input_line(pixels, channels_, to, at_tile.stride);
    }

    void transform_output(Tile at_tile, const float* sums, const Output& output) const override {
        const Place at = place(at_tile.number);
        if (at.first >= axis_.out) return;
        const std::int64_t left = (axis_.out - 1 - at.first) / axis_.dilation + 1;
        const std::size_t pixel = static_cast<std::size_t>(at.row * axis_.out + at.first);
        simd::winograd::Output outputs = outputs_at(pixel, at_tile, sums, output);
        outputs.step = static_cast<std::size_t>(axis_.dilation) * filters_;
        outputs.width = std::min(tile, static_cast<std::size_t>(left));
        simd::winograd::transform_output_line(outputs);
    }

    WindowAxis axis_;
    Lines lines_;
};

}  // namespace

Candidate make_winograd_lines(const Convolution& request, simd::Curve curve, const PackedWeights& weights) {
    const WindowAxis& axis = request.shape.axes[2];
    if (axis.dilation > axis.out) return Candidate::no("gaps as long as the output");
    const auto batch = static_cast<double>(request.shape.batch);
    const WinogradCost cost{.channels = static_cast<double>(request.shape.channels),
                            .filters = static_cast<double>(request.shape.filters),
                            .tiles = batch * static_cast<double>(Lines(axis).tiles()),
                            .components = reach,
                            .outputs = batch * static_cast<double>(axis.out),
                            .taps = 3};
    if (!cost.is_worth_it()) return Candidate::no("too few channels or outputs to gain by it");
    return {std::make_unique<LinesKernel>(request, curve, weights), ""};
}

}  // namespace layerctl
