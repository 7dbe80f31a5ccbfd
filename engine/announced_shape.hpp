// For layers to which Keras gives one output shape while it builds a model and another when it runs.
#pragma once

#include "models/shape.hpp"

namespace layerctl {

/// A Layer may derive from this, too. What it announces shows in summaries, and later layers are built on it.
class AnnouncesShape {
public:
    virtual ~AnnouncesShape() = default;

    /// Shapes of the outputs as Keras announces them for inputs of shapes `in`, which compute_output_shape has found
    /// fit. `keras_minor` is the second number of the version that wrote the file, newest_minor if it is unknown.
    virtual Shapes announced_output_shape(const Shapes& in, int keras_minor) const = 0;

    static constexpr int newest_minor = 1000;
};

}  // namespace layerctl
