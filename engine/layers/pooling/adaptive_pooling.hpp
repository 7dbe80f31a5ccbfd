// AdaptivePooling: the maximum or mean of as many parts of each spatial axis as the output shall have (Keras 3.13 on).
#pragma once

#include "engine/lowering.hpp"
#include "engine/ops/pool.hpp"

namespace layerctl {

class AdaptivePooling : public Layer, public Lowers {
protected:
    AdaptivePooling(std::size_t spatial_rank, ops::Pooling kind) : rank(spatial_rank), pooling(kind) {}

    void config(ConfigIo& io) override;
    Shapes compute_output_shape(const Shapes& in) const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

private:
    std::size_t rank;
    ops::Pooling pooling;
    std::vector<std::int64_t> output_size;
    DataFormat data_format = DataFormat::channels_last;
};

}  // namespace layerctl
