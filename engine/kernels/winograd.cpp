// Convolutions with kernels of 3×3 by Winograd's scheme: tiles of 4×4 outputs, for which 36 matrices are multiplied, or
// of 2×2, for which 16 are.
#include "engine/kernels/winograd.hpp"

#include <algorithm>

#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

using ops::ConvShape;
using ops::WindowAxis;

/// Tiles of so many outputs along both axes.
struct Squares {
    std::size_t tile;
    std::size_t reach = tile + 2;

    std::size_t along(const WindowAxis& axis) const { return (static_cast<std::size_t>(axis.out) + tile - 1) / tile; }
    std::size_t count(const ConvShape& shape) const {
        return static_cast<std::size_t>(shape.batch * shape.axes[0].out) * along(shape.axes[1]) * along(shape.axes[2]);
    }

    WinogradCost cost(const ConvShape& shape) const {
        return {.channels = static_cast<double>(shape.channels),
                .filters = static_cast<double>(shape.filters),
                .tiles = static_cast<double>(count(shape)),
                .components = static_cast<double>(reach * reach),
                .outputs = static_cast<double>(shape.batch * ops::output_positions(shape.axes)),
                .taps = 9};
    }

    /// The kernel (3, 3, channels, filters) as one matrix for each component.
    std::vector<simd::Panels> matrices_of(const Convolution& request, const PackedWeights& weights) const {
        const auto filters = static_cast<std::size_t>(request.shape.filters);
        std::vector<float> columns(3 * reach * filters);
        return winograd_matrices(request, weights, reach * reach, [&](const float* g, std::size_t tap, float* u) {
            for (std::size_t x = 0; x < 3; ++x)
                winograd_weights(reach, {g + x * tap, g + (3 + x) * tap, g + (6 + x) * tap}, filters,
                                 &columns[x * filters], 3 * filters);
            for (std::size_t y = 0; y < reach; ++y) {
                const float* const line = &columns[3 * y * filters];
                winograd_weights(reach, {line, line + filters, line + 2 * filters}, filters, u + reach * y * filters,
                                 filters);
            }
        });
    }
};

/// The tiles that take the least time.
Squares best_squares(const ConvShape& shape) {
    const Squares large{simd::winograd::tile}, small{simd::winograd::small_tile};
    return small.cost(shape).here() < large.cost(shape).here() ? small : large;
}

class SquaresKernel final : public WinogradKernel {
public:
    SquaresKernel(const Convolution& request, Squares squares, simd::Curve curve, const PackedWeights& weights)
        : WinogradKernel(request, curve, squares.count(request.shape), squares.matrices_of(request, weights)),
          squares_(squares),
          height_(request.shape.axes[1]),
          width_(request.shape.axes[2]) {}

private:
    struct Place {
        std::size_t image;
        std::int64_t y, x;  // of the first output
    };

    Place place(std::size_t of_tile) const {
        const std::size_t rows = squares_.along(height_), columns = squares_.along(width_), tile = squares_.tile;
        return {of_tile / columns / rows, static_cast<std::int64_t>(of_tile / columns % rows * tile),
                static_cast<std::int64_t>(of_tile % columns * tile)};
    }

    void transform_input(Tile at_tile, const float* x, float* to) const override {
        const Place at = place(at_tile.number);
        const std::size_t reach = squares_.reach;
        const float* pixels[simd::winograd::reach * simd::winograd::reach];
        for (std::size_t row = 0; row < reach; ++row)
            for (std::size_t column = 0; column < reach; ++column) {
                const std::int64_t v = at.y - height_.before + static_cast<std::int64_t>(row);
                const std::int64_t u = at.x - width_.before + static_cast<std::int64_t>(column);
                const bool is_there = v >= 0 && v < height_.in && u >= 0 && u < width_.in;
                const std::int64_t pixel = (static_cast<std::int64_t>(at.image) * height_.in + v) * width_.in + u;
                pixels[row * reach + column] =
                    is_there ? x + static_cast<std::size_t>(pixel) * channels_ : nothing_.data();
            }
        simd::winograd::transform_input(reach, pixels, channels_, to, at_tile.stride);
    }

    void transform_output(Tile at_tile, const float* sums, const Output& output) const override {
        const Place at = place(at_tile.number);
        const std::size_t pixel = (at.image * static_cast<std::size_t>(height_.out) + static_cast<std::size_t>(at.y)) *
                                      static_cast<std::size_t>(width_.out) +
                                  static_cast<std::size_t>(at.x);
        const auto left = [this](const WindowAxis& axis, std::int64_t from) {
            return std::min(squares_.tile, static_cast<std::size_t>(axis.out - from));
        };
        simd::winograd::Output outputs = outputs_at(pixel, at_tile, sums, output);
        outputs.line = static_cast<std::size_t>(width_.out) * filters_;
        outputs.height = left(height_, at.y);
        outputs.width = left(width_, at.x);
        simd::winograd::transform_output(squares_.reach, outputs);
    }

    Squares squares_;
    WindowAxis height_, width_;
};

bool is_3_by_3(const ConvShape& shape) {
    const auto is = [](const WindowAxis& axis, std::int64_t size) {
        return axis.size == size && axis.stride == 1 && axis.dilation == 1;
    };
    const WindowAxis& depth = shape.axes[0];
    return is(depth, 1) && depth.before == 0 && depth.in == depth.out && is(shape.axes[1], 3) && is(shape.axes[2], 3);
}

bool is_line(const ConvShape& shape) {
    const auto is_absent = [](const WindowAxis& axis) { return axis.size == 1 && axis.in == 1 && axis.out == 1; };
    return is_absent(shape.axes[0]) && is_absent(shape.axes[1]) && shape.axes[2].size == 3 && shape.axes[2].stride == 1;
}

}  // namespace

Candidate make_winograd(const Convolution& request, const PackedWeights& weights) {
    const ConvShape& shape = request.shape;
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    if (request.gated) return Candidate::no("a gate before it");
    if (request.adds && ops::input_positions(*request.adds) != ops::output_positions(*request.adds))
        return Candidate::no("some pixels of many are added");
    if (is_line(shape)) return make_winograd_lines(request, *curve, weights);
    if (!is_3_by_3(shape)) return Candidate::no("another kernel than 3 or 3×3, strides or gaps");
    const Squares squares = best_squares(shape);
    if (!squares.cost(shape).is_worth_it()) return Candidate::no("too few channels or outputs to gain by it");
    return {std::make_unique<SquaresKernel>(request, squares, *curve, weights), ""};
}

}  // namespace layerctl
