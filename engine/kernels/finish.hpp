// What follows the sums of a product: limits and functions of one number in the kernel itself, softmax behind it.
#pragma once

#include <optional>

#include "engine/kernels/simd/simd.hpp"

namespace layerctl {

struct Finish {
    simd::Curve curve;
    bool softmax = false;  // along the last axis

    /// Nothing if it needs more than that.
    static std::optional<Finish> of(const Activation& activation, std::size_t rank) {
        if (activation.id == Activation::Id::softmax) {
            const std::vector<std::size_t> axes = activation.axes.resolve(rank);
            if (axes.size() != 1 || axes[0] != rank - 1) return {};
            return Finish{{}, true};
        }
        const std::optional<simd::Curve> curve = simd::curve_of(activation);
        if (!curve) return {};
        return Finish{*curve, false};
    }

    void rows(float* y, std::size_t count, std::size_t n) const {
        if (softmax) simd::softmax(y, count, n);
    }
};

}  // namespace layerctl
