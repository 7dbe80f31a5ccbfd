#include "engine/layers/normalization/center_scale.hpp"

#include <functional>

#include "engine/layers/through_floats.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {

void CenterScale::config(ConfigIo& io) {
    io.optional("center", center);
    io.optional("scale", scale);
    weight_config(io, "beta", beta_initializer);
    weight_config(io, "gamma", gamma_initializer);
}

void CenterScale::add_weights(const Shape& shape, WeightSpecs& specs) const {
    if (scale) specs.push_back({"gamma", shape, gamma_initializer});
    if (center) specs.push_back({"beta", shape, beta_initializer});
}

void CenterScale::apply(const Weights& w, const Shape& shape, Tensor& y) const {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        if (scale) ops::binary<T>(y, w["gamma"].reshaped(shape), y, std::multiplies<T>());
        if (center) ops::binary<T>(y, w["beta"].reshaped(shape), y, std::plus<T>());
    });
}

Tensor CenterScale::factor(const Weights& w, std::int64_t n) const {
    return scale ? w["gamma"] : Tensor::from(Shape{n}, std::vector<float>(static_cast<std::size_t>(n), 1));
}

Tensor CenterScale::offset(const Weights& w, std::int64_t n) const {
    return center ? w["beta"] : Tensor(DType::float32, {n});
}

DType KeepsIntegers::input_dtype(std::size_t, DType given) const {
    return is_integer(given) && context().dialect == Dialect::keras3 ? given : compute_dtype();
}

void KeepsIntegers::call(const Tensors& x, const Weights& w, Tensors& y) const {
    through_floats(DType::float32, x, y, [&](const Tensors& in, Tensors& out) { call_floats(in, w, out); });
}

bool are_last(const std::vector<std::size_t>& axes, std::size_t rank) {
    return !axes.empty() && axes.front() + axes.size() == rank;
}

Shape broadcast_shape_of(const Shape& shape, const std::vector<std::size_t>& axes) {
    Shape out(std::vector<std::int64_t>(shape.rank(), 1));
    for (const std::size_t axis : axes) out[axis] = shape[axis];
    return out;
}

}  // namespace layerctl
