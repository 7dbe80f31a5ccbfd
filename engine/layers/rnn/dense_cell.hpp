// DenseCell: what SimpleRNNCell, LSTMCell and GRUCell share — units, two kernels with one block per gate, a bias.
#pragma once

#include "engine/layers/rnn/cell.hpp"
#include "engine/ops/activation.hpp"

namespace layerctl {

class DenseCell : public Cell {
public:
    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    Shapes states_of(const Shape& x) const override;
    std::optional<std::int64_t> macs(const Shapes& in) const override;

    /// x · kernel + bias.
    Tensor project(const Tensor& x, const Weights& w) const override;

    std::optional<Recurrence> recurrence(const Weights& w) const override;

protected:
    DenseCell(std::int64_t gates, std::size_t states) : gates(gates), states(states) {}

    /// The bias that belongs to the kernel; of a weight of several rows, the first.
    virtual Shape bias_shape() const { return {gates * units}; }
    virtual Initializer bias_of_new() const { return bias_initializer; }

    const std::int64_t gates;
    const std::size_t states;
    std::int64_t units = 0;
    Activation activation{.id = Activation::Id::tanh};
    bool use_bias = true;
    Initializer bias_initializer = Initializer::zeros();

private:
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer recurrent_initializer = Initializer::orthogonal();
};

}  // namespace layerctl
