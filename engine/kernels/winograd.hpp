// What convolutions by Winograd's scheme share: blocks of tiles are transformed, multiplied by one matrix for each
// component, and transformed back.
#pragma once

#include <functional>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/simd/winograd.hpp"

namespace layerctl {

class WinogradKernel : public Kernel {
public:
    const char* name() const override { return "winograd"; }

    /// Transformed inputs and sums of a block of tiles.
    std::size_t scratch() const override { return components() * (input_stride() + sum_stride()); }

    bool may_replace(std::size_t input) const override { return input == 1; }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override;

protected:
    /// Tiles of all images.
    WinogradKernel(const Convolution& request, simd::Curve curve, std::size_t tiles,
                   std::vector<simd::Panels> matrices);

    struct Output {
        float* y;
        const float* added;  // lies like y; null: nothing
    };

    /// Component k of tile i of a block is k · stride from where it begins there.
    struct Tile {
        std::size_t number;  // among all
        std::size_t stride;
    };
    virtual void transform_input(Tile tile, const float* x, float* to) const = 0;
    virtual void transform_output(Tile tile, const float* sums, const Output& output) const = 0;

    /// The outputs of a tile from that pixel on; how they lie is left to be said.
    simd::winograd::Output outputs_at(std::size_t pixel, Tile tile, const float* sums, const Output& output) const;

    std::size_t channels_, filters_;
    std::vector<float> nothing_;  // a pixel beyond the borders

private:
    struct Block {
        std::size_t first, count;  // of the tiles of all images
        float* inputs;             // (components, block_, channels), input_stride() from one to the next
        float* sums;               // (components, block_, filters), sum_stride() from one to the next
    };

    std::size_t components() const { return matrices_.size(); }
    std::size_t input_stride() const { return apart(block_ * channels_); }
    std::size_t sum_stride() const { return apart(block_ * filters_); }

    /// At least n floats, such that the components of a tile do not compete for one place in a cache.
    static std::size_t apart(std::size_t n) {
        constexpr std::size_t page = 1024, lines = 11 * 16;  // floats
        return (n + page - 1 - lines) / page * page + lines;
    }
    std::size_t find_block() const;
    void compute(const Block& tiles, const float* x, const Output& output, Workers& workers) const;
    void multiply(const Block& tiles, std::size_t component) const;

    simd::Curve curve_;
    std::vector<float> bias_;
    std::vector<simd::Panels> matrices_;
    std::size_t tiles_, block_;
    bool adds_;
};

/// Along an axis.
struct Taps {
    const float *g0, *g1, *g2;
};

/// n numbers each of 3 places of the kernel as values at the points, 6 or 4, `step` floats apart, divided by what the
/// other transforms leave out.
void winograd_weights(std::size_t reach, const Taps& taps, std::size_t n, float* u, std::size_t step);

/// The kernel (taps, channels, filters) and its factor as one matrix for each component, made once. `transform(g, tap, u)`: the
/// weights of a channel, whose taps lie `tap` apart from `g` on, as values (components, filters).
using TransformChannel = std::function<void(const float* g, std::size_t tap, float* u)>;
std::vector<simd::Panels> winograd_matrices(const Convolution& request, const PackedWeights& weights,
                                            std::size_t components, const TransformChannel& transform);

/// What is known of a convolution before: multiply-accumulates for all its weights, where such as come from memory and
/// numbers that are transformed are counted by how long they take.
struct WinogradCost {
    double channels, filters;
    double tiles, components;
    double outputs, taps;

    double here() const;
    double direct() const;
    bool is_worth_it() const { return here() < direct(); }
};

Candidate make_winograd_lines(const Convolution& request, simd::Curve curve, const PackedWeights& weights);

}  // namespace layerctl
