// For layers of which an archive holds arrays under names of their own, where others have numbers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/layer.hpp"

namespace layerctl {

/// "idf_weights", "_lookup_layer/idf_weights": by the way from the layer.
using NamedVariables = std::vector<std::pair<std::string, Tensor>>;

/// A Layer may derive from this, too.
class OwnVariables {
public:
    virtual ~OwnVariables() = default;

    /// What Keras' `save_own_variables` stores of the layer and the parts inside it, instead of all weights. If there is
    /// nothing, the weights are stored as those of other layers.
    virtual NamedVariables own_variables(const Weights& w) const = 0;
};

/// Those of a layer; nothing if it does not derive from the class.
inline NamedVariables own_variables(const Layer& layer, const Weights& w) {
    const auto* own = dynamic_cast<const OwnVariables*>(&layer);
    return own == nullptr ? NamedVariables() : own->own_variables(w);
}

}  // namespace layerctl
