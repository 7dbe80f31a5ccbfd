// For layers whose meaning hangs on more than their config and the dialect.
#pragma once

#include <string>

#include "models/layer_spec.hpp"

namespace layerctl {

/// A Layer may derive from this, too. A layer inside another one is told nothing.
class HeedsCall {
public:
    virtual ~HeedsCall() = default;

    /// The version of Keras that wrote the file, or empty. Told after the config has been read, and before shapes are
    /// asked for.
    virtual void written_by(const std::string& keras_version) = 0;

    /// Fails for a call that the layer would not understand by its tensors alone.
    virtual void check_call(const Call& call) const = 0;
};

}  // namespace layerctl
