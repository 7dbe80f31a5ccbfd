// A layer that hands its input on, whatever its dtype.
#pragma once

#include "engine/lowering.hpp"

namespace layerctl {

class PassThrough : public Layer, public Lowers {
public:
    Shapes compute_output_shape(const Shapes& in) const override { return {in[0]}; }
    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    bool supports_masking() const override { return true; }
    void call(const Tensors& x, const Weights&, Tensors& y) const override { y[0] = x[0]; }
    std::optional<Request> lower(const Shapes&, const Weights&) const override { return Pass{}; }
};

}  // namespace layerctl
