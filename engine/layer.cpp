#include "engine/layer.hpp"

#include <algorithm>

namespace layerctl {

const Tensor& Weights::operator[](std::string_view name) const {
    for (const auto& [key, tensor] : entries_)
        if (key == name) return tensor;
    fail(Code::internal, "a layer asks for weight '", name, "', which it did not declare");
}

Weights Weights::below(std::string_view prefix) const {
    Weights inner;
    for (const auto& [key, tensor] : entries_)
        if (key.size() > prefix.size() && key.starts_with(prefix) && key[prefix.size()] == '/')
            inner.add(key.substr(prefix.size() + 1), tensor);
    return inner;
}

DType Layer::input_dtype(std::size_t, DType) const { return compute_dtype(); }

DTypes Layer::compute_output_dtype(const DTypes& in) const { return {in.empty() ? compute_dtype() : in.front()}; }

Masks Layer::compute_mask(const Tensors&, const Masks& in) const {
    return {supports_masking() && !in.empty() ? in.front() : Tensor()};
}

OutputSpec Layer::compute_output_spec(const Shapes& in, const DTypes& dtypes) const {
    OutputSpec spec{compute_output_shape(in), compute_output_dtype(dtypes)};
    spec.dtypes.resize(spec.shapes.size(), spec.dtypes.front());
    return spec;
}

void Layer::call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors&, Tensors& y) const {
    const bool masked = std::any_of(masks.begin(), masks.end(), [](const Tensor& mask) { return mask.has_value(); });
    if (masked) call_masked(x, masks, w, y);
    else call(x, w, y);
}

std::int64_t known_dim(const Shape& shape, std::size_t axis) {
    require(axis < shape.rank(), "wanted a rank above ", axis, ", found shape ", shape);
    require(shape[axis] >= 0, "dimension ", axis, " must be known, found shape ", shape);
    return shape[axis];
}

}  // namespace layerctl
