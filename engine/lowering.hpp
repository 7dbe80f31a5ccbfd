// What a layer may ask the fast engine for, instead of its own `call`.
#pragma once

#include "engine/layer.hpp"
#include "engine/ops/request.hpp"

namespace layerctl {

/// What masks are to a layer that lowers.
struct MaskRule {
    enum class Inputs {
        ignored,  // `call_masked` is `call`
        heeded,   // the request says what they do, where they are shaped as the first two axes of their inputs
        refused,  // no request holds under one
    };
    enum class Outputs {
        given,     // `compute_mask` picks among those of the inputs by their places, or none
        computed,  // `compute_mask` makes one of those of the inputs, without a look at the inputs
        made,      // the request says which, and there is one output
    };

    Inputs inputs = Inputs::ignored;
    Outputs outputs = Outputs::given;
};

/// A Layer may derive from this, too.
class Lowers {
public:
    virtual ~Lowers() = default;

    /// What `call` computes of inputs of these known shapes, all of it in float32; nothing if no request says the same.
    virtual std::optional<Request> lower(const Shapes& in, const Weights& w) const = 0;

    /// To be said by layers with a `call_masked` or `compute_mask` of their own.
    virtual MaskRule mask_rule() const { return {}; }

    /// Whether the request also holds for inputs of that dtype, read as they are.
    virtual bool lowers_from(DType dtype) const { return dtype == DType::float32; }
};

}  // namespace layerctl
