// CudnnRnn: LSTM and GRU of Keras 2 with their weights in the layout of cuDNN, which ran them on a GPU only.
#pragma once

#include <algorithm>

#include "engine/layers/rnn/rnn.hpp"
#include "engine/ops/cudnn_layout.hpp"

namespace layerctl {

/// The computation is that of the cell C with its default activations (tanh, sigmoid) and a bias.
template <class C>
class CudnnRnn : public Rnn {
protected:
    explicit CudnnRnn(std::int64_t gates) : gates(gates) {}

    void config(ConfigIo& io) override {
        sequence_config(io);
        io.required("units", units, positive);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "recurrent", recurrent_initializer);
        weight_config(io, "bias", bias_initializer);
        configure(cell_config());
    }

    /// What the cell is configured with.
    virtual Config cell_config() const = 0;
    virtual Initializer bias_of_new() const { return bias_initializer; }

    const Cell& cell() const override { return cell_; }

    WeightSpecs weights(const Shapes& in) const override {
        const std::int64_t features = known_dim(in[0], in[0].rank() - 1);
        return {{"kernel", {features, gates * units}, kernel_initializer},
                {"recurrent_kernel", {units, gates * units}, recurrent_initializer},
                {"bias", {2 * gates * units}, bias_of_new()}};
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        return Rnn::lower(in, weights_of_cell(w));
    }

    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }

    void call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                       Tensors& y) const override {
        if (std::any_of(masks.begin(), masks.end(), [](const Tensor& mask) { return mask.has_value(); }))
            fail(Code::unsupported, "a mask, which cuDNN does not heed");
        Rnn::call_stateful(x, masks, weights_of_cell(w), state, y);
    }

    const std::int64_t gates;
    std::int64_t units = 0;
    Initializer bias_initializer = Initializer::zeros();

private:
    Weights weights_of_cell(const Weights& w) const {
        Weights own;
        own.add("cell/kernel", ops::kernel_from_cudnn(w["kernel"], gates));
        own.add("cell/recurrent_kernel", ops::recurrent_kernel_of_cudnn(w["recurrent_kernel"], gates));
        own.add("cell/bias", ops::bias_from_cudnn(w["bias"], gates));
        return own;
    }

    void configure(const Config& config) {
        cell_.set_context(context());
        ConfigReader reader(config, context().dialect);
        cell_.config(reader);
    }

    C cell_;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer recurrent_initializer = Initializer::orthogonal();
};

}  // namespace layerctl
