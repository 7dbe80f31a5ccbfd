// What RandomHeight and RandomWidth of Keras 2 share: at inference images pass, integers as integers, though Keras
// announces an unknown size.
#pragma once

#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {

class RandomSize : public Augmentation {
    Factor factor;
    Interpolation interpolation = Interpolation::bilinear;

    virtual std::size_t axis_from_the_back() const = 0;

    void augmentation_config(ConfigIo& io) override {
        io.required("factor", factor);
        io.optional("interpolation", interpolation);
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 3, "input must have rank 3 or more, found shape ", in[0]);
        Shape out = in[0];
        out[out.rank() - axis_from_the_back()] = Shape::unknown;
        return {out};
    }
};

}  // namespace layerctl
