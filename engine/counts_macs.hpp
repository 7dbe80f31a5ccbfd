// For layers whose work is products: how many they take.
#pragma once

#include <cstdint>
#include <optional>

#include "models/shape.hpp"

namespace layerctl {

/// A Layer may derive from this, too. Of one that does not, nobody knows how many products it takes.
class CountsMacs {
public:
    virtual ~CountsMacs() = default;

    /// Multiply-accumulates of one call on inputs of these known shapes, which compute_output_shape has found fit.
    /// Padding and masked steps count as any input; activations, biases and scales do not count. Nothing if the layer
    /// holds one that does not count.
    virtual std::optional<std::int64_t> macs(const Shapes& in) const = 0;
};

}  // namespace layerctl
