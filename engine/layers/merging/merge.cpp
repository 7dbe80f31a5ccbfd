#include "engine/layers/merging/merge.hpp"

#include <algorithm>
#include <functional>

namespace layerctl {
namespace {

/// The batch dimensions must agree; they do not broadcast.
std::int64_t common_batch(const Shapes& in) {
    std::int64_t batch = Shape::unknown;
    for (const Shape& shape : in) {
        if (shape[0] == Shape::unknown) continue;
        require(batch == Shape::unknown || batch == shape[0], "inputs differ in the batch axis: ", in);
        batch = shape[0];
    }
    return batch;
}

Tensor combined(const Tensor& a, const Tensor& b, bool both) {
    if (!a.has_value()) return b;
    Tensor out(DType::boolean, ops::broadcast_shape(a.shape(), b.shape()));
    ops::binary<bool>(a, b, out, [both](bool l, bool r) { return both ? l && r : l || r; });
    return out;
}

}  // namespace

Shapes Merge::compute_output_shape(const Shapes& in) const {
    require(in.size() >= least_inputs() && in.size() <= most_inputs(), "wanted ", least_inputs(),
            least_inputs() == most_inputs() ? "" : " or more", " inputs, found ", in.size());
    for (const Shape& shape : in) require(shape.rank() >= 1, "inputs must have a batch axis, found shapes ", in);
    Shape features = in[0].slice(1, in[0].rank());
    for (const Shape& shape : in) features = ops::broadcast_shape(features, shape.slice(1, shape.rank()));
    std::vector<std::int64_t> dims = {common_batch(in)};
    dims.insert(dims.end(), features.begin(), features.end());
    return {Shape(std::move(dims))};
}

DTypes Merge::compute_output_dtype(const DTypes& in) const {
    if (std::any_of(in.begin(), in.end(), is_floating)) return {compute_dtype()};
    if (std::adjacent_find(in.begin(), in.end(), std::not_equal_to<>()) != in.end())
        fail(Code::unsupported, "inputs of different integer dtypes");
    return {in.front()};
}

Masks Merge::compute_mask(const Tensors&, const Masks& in) const {
    const bool keras3 = context().dialect == Dialect::keras3;
    Tensor out;
    for (const Tensor& mask : in) {
        if (mask.has_value()) out = combined(out, mask, !keras3);
        else if (keras3) return {Tensor()};
    }
    return {out};
}

Tensor with_rank(const Tensor& x, std::size_t rank) {
    std::vector<std::int64_t> dims = x.shape().dims();
    dims.insert(dims.begin() + 1, rank - dims.size(), 1);
    return x.reshaped(Shape(std::move(dims)));
}

Tensors aligned(const Tensors& x, const Tensor& y) {
    Tensors out;
    for (const Tensor& input : x) out.push_back(with_rank(input.cast(y.dtype()), y.shape().rank()));
    return out;
}

Masks aligned_masks(const Tensors& x, const Masks& masks, const Tensor& y) {
    Masks out(x.size());
    for (std::size_t i = 0; i < x.size() && i < masks.size(); ++i) {
        if (!masks[i].has_value()) continue;
        std::vector<std::int64_t> dims = masks[i].shape().dims();
        if (dims.size() < x[i].shape().rank()) dims.push_back(1);
        out[i] = with_rank(masks[i].reshaped(Shape(std::move(dims))), y.shape().rank());
    }
    return out;
}

}  // namespace layerctl
