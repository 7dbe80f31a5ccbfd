// GlobalPooling: the maximum or mean over all spatial positions.
#pragma once

#include "engine/lowering.hpp"
#include "engine/ops/pool.hpp"

namespace layerctl {

class GlobalPooling : public Layer, public Lowers {
protected:
    GlobalPooling(std::size_t spatial_rank, ops::Pooling kind) : rank(spatial_rank), pooling(kind) {}

    void config(ConfigIo& io) override;
    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t i, DType given) const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

    std::size_t rank;
    ops::Pooling pooling;
    DataFormat data_format = DataFormat::channels_last;
    bool keepdims = false;
};

}  // namespace layerctl
