#include "engine/layers/attention/attention_mask.hpp"

#include <cstdlib>
#include <functional>

#include "engine/ops/broadcast.hpp"

namespace layerctl {

Tensor masks_and(const Tensor& a, const Tensor& b) {
    if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
    Tensor out(DType::boolean, ops::broadcast_shape(a.shape(), b.shape()));
    ops::binary<bool>(a, b, out, std::logical_and<>());
    return out;
}

Tensor position_mask(std::int64_t queries, std::int64_t values, bool causal, std::optional<std::int64_t> window) {
    if (!causal && !window) return {};
    Tensor mask(DType::boolean, {1, queries, values});
    bool* flag = mask.mutable_values<bool>().data();
    for (std::int64_t i = 0; i < queries; ++i)
        for (std::int64_t j = 0; j < values; ++j)
            *flag++ = (!causal || j <= i) && (!window || std::abs(i - j) < *window);
    return mask;
}

Tensor with_head_axes(const Tensor& mask, std::size_t kept, std::size_t rank) {
    std::vector<std::int64_t> dims = mask.shape().dims();
    require(dims.size() <= rank && dims.size() >= kept, "an attention mask of shape ", mask.shape(), " does not fit");
    dims.insert(dims.end() - static_cast<std::ptrdiff_t>(kept), rank - dims.size(), 1);
    return mask.reshaped(Shape(std::move(dims)));
}

}  // namespace layerctl
