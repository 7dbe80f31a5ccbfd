// What the layers that are an activation share: same shape, masks pass, the config fields of their class.
#pragma once

#include "engine/lowering.hpp"

namespace layerctl {

class ActivationLayer : public Layer, public Lowers {
public:
    explicit ActivationLayer(std::string class_name) : class_name_(std::move(class_name)) {}

    void config(ConfigIo& io) override { activation_layer_config(class_name_, io, activation); }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (activation.id == Activation::Id::softmax) activation.axes.resolve(in[0].rank());
        return {in[0]};
    }

    DType input_dtype(std::size_t, DType given) const override {
        return is_integer(given) && keeps_integers(activation) ? given : compute_dtype();
    }

    bool supports_masking() const override { return true; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        y[0] = x[0];
        ops::apply(activation, y[0]);
    }

    std::optional<Request> lower(const Shapes&, const Weights&) const override { return Elementwise{activation}; }

protected:
    Activation activation;

private:
    std::string class_name_;
};

}  // namespace layerctl
