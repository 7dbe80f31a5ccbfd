#include "engine/ops/request.hpp"

#include "engine/ops/broadcast.hpp"

namespace layerctl {

Strided permuted(const Shape& shape, const ops::Permutation& order) {
    const std::vector<std::int64_t> own = ops::broadcast_strides(shape, shape);
    Strided request{ops::transposed_shape(shape, order), {}};
    for (const std::size_t axis : order) request.strides.push_back(own[axis]);
    return request;
}

}  // namespace layerctl
