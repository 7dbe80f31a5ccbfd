#include "engine/layers/rnn/dense_cell.hpp"

#include "engine/ops/matmul.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {

void DenseCell::config(ConfigIo& io) {
    io.required("units", units, positive);
    io.optional("activation", activation, keeps_shape);
    io.optional("use_bias", use_bias);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "recurrent", recurrent_initializer);
    weight_config(io, "bias", bias_initializer);
    training_config(io);
}

WeightSpecs DenseCell::weights(const Shapes& in) const {
    WeightSpecs specs = {{"kernel", {known_dim(in[0], in[0].rank() - 1), gates * units}, kernel_initializer},
                         {"recurrent_kernel", {units, gates * units}, recurrent_initializer}};
    if (use_bias) specs.push_back({"bias", bias_shape(), bias_of_new()});
    return specs;
}

Shapes DenseCell::states_of(const Shape& x) const {
    require(x.rank() == 2, "a step must have rank 2, found shape ", x);
    return Shapes(states, x.with_back(units));
}

std::optional<std::int64_t> DenseCell::macs(const Shapes& in) const {
    return ops::times(ops::times(in[0].front(), in[0].back() + units), gates * units);
}

std::optional<Recurrence> DenseCell::recurrence(const Weights& w) const {
    return Recurrence{.kernel = w["kernel"],
                      .recurrent_kernel = w["recurrent_kernel"],
                      .bias = use_bias ? w["bias"] : Tensor(),
                      .activation = activation,
                      .recurrent_activation = {}};
}

Tensor DenseCell::project(const Tensor& x, const Weights& w) const {
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape().with_back(gates * units));
    ops::matmul(x, w["kernel"], y);
    if (!use_bias) return y;
    const Tensor& bias = w["bias"];
    ops::add_bias(y, bias.shape().rank() == 1 ? bias : bias.rows(0, 1).reshaped({gates * units}));
    return y;
}

}  // namespace layerctl
