// UpSampling: repeats elements along each spatial axis.
#pragma once

#include "engine/lowering.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {

class UpSampling : public Layer, public Lowers {
public:
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

protected:
    explicit UpSampling(std::size_t rank) : size(rank, 2) {}

    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;

    /// By axis of a tensor.
    std::vector<std::int64_t> times() const;

    std::vector<std::int64_t> size;
    DataFormat data_format = DataFormat::channels_last;
};

}  // namespace layerctl
