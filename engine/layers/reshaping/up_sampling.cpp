#include "engine/layers/reshaping/up_sampling.hpp"

#include "engine/ops/move.hpp"

namespace layerctl {

Shapes UpSampling::compute_output_shape(const Shapes& in) const {
    require(in[0].rank() == size.size() + 2, "input must have rank ", size.size() + 2, ", found shape ", in[0]);
    auto parts = ops::SpatialShape::split(in[0], size.size(), data_format);
    for (std::size_t i = 0; i < size.size(); ++i) parts.spatial[i] = ops::times(parts.spatial[i], size[i]);
    return {parts.joined(data_format)};
}

std::vector<std::int64_t> UpSampling::times() const {
    return ops::SpatialShape{{1}, Shape(size), 1}.joined(data_format).dims();
}

void UpSampling::call(const Tensors& x, const Weights&, Tensors& y) const { ops::repeat(x[0], times(), y[0]); }

std::optional<Request> UpSampling::lower(const Shapes&, const Weights&) const { return Repeat{times()}; }

}  // namespace layerctl
