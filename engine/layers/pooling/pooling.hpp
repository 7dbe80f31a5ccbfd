// WindowPooling: the maximum or mean under a sliding window over 1, 2 or 3 spatial axes.
#pragma once

#include "engine/lowering.hpp"
#include "engine/ops/pool.hpp"

namespace layerctl {

class WindowPooling : public Layer, public Lowers {
protected:
    WindowPooling(std::size_t rank, ops::Pooling kind) : window(rank), pooling(kind) {
        window.size.assign(rank, 2);
        window.strides.clear();
    }

    void config(ConfigIo& io) override;
    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t i, DType given) const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

private:
    ops::Window stepped() const;

    ops::Window window;
    ops::Pooling pooling;
};

}  // namespace layerctl
