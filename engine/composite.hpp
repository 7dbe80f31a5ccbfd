// Composite: a layer that runs other layers — a model, or a wrapper that may hold one.
#pragma once

#include "engine/layer.hpp"

namespace layerctl {

/// Its masks show only while the layers inside run, so one function gives everything.
class Composite : public Layer {
public:
    /// Inference, what the layer keeps, and the masks of its outputs.
    virtual Masks call_and_mask(const Tensors& x, const Masks& in, const Weights& w, Tensors& state,
                                Tensors& y) const = 0;

    void call(const Tensors& x, const Weights& w, Tensors& y) const final { call_masked(x, {}, w, y); }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const final {
        Tensors none;
        call_and_mask(x, masks, w, none, y);
    }

    void call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state, Tensors& y) const final {
        call_and_mask(x, masks, w, state, y);
    }
};

/// The same for any layer.
inline Masks call_and_mask(const Layer& layer, const Tensors& x, const Masks& in, const Weights& w, Tensors& state,
                           Tensors& y) {
    if (const auto* composite = dynamic_cast<const Composite*>(&layer))
        return composite->call_and_mask(x, in, w, state, y);
    layer.call_stateful(x, in, w, state, y);
    return layer.compute_mask(x, in);
}

}  // namespace layerctl
