// Keras activations: one table of names and formulas (layers.md 6), applied in place.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/ops/axes.hpp"
#include "models/config_io.hpp"
#include "models/tensor.hpp"

namespace layerctl {

/// An activation and its parameters. Layers that are activations (ReLU, LeakyReLU, Softmax …) use the same ids.
struct Activation {
    enum class Id {
        linear,
        relu,
        leaky_relu,
        sigmoid,
        tanh,
        exponential,
        hard_sigmoid_v2 /* clip(0.2x+0.5) */,
        hard_sigmoid /* Keras 3: relu6(x+3)/6 */,
        softmax,
        log_softmax,
        softplus,
        softsign,
        elu,
        selu,
        silu,
        gelu,
        gelu_tanh,
        mish,
        hard_silu,
        hard_tanh,
        celu,
        glu,
        hard_shrink,
        soft_shrink,
        tanh_shrink,
        squareplus,
        sparse_plus,
        sparse_sigmoid,
        log_sigmoid,
        sparsemax,
        thresholded_relu,
        relu6,
        threshold,
        custom /* of the user: `function` */,
    };

    Id id = Id::linear;
    double alpha = 0;      // negative slope, elu/celu alpha, thresholded_relu theta, shrink and threshold limit
    double threshold = 0;  // relu
    double max_value = 0;  // relu, if has_max
    bool has_max = false;
    double value = 0;    // threshold: what replaces inputs at or below the limit
    AxisList axes = {};  // softmax family
    std::shared_ptr<const TensorFunction> function = {};
    std::optional<Value> source = {};  // as read, to be written back; nothing: write the name of `id`
};

/// Reads null, a name, a serialized function or an activation layer object; `hard_sigmoid` means what it meant to the
/// writer's dialect. A name layerctl does not know is Code::unsupported with the nearest names.
template <>
struct ConfigField<Activation> {
    static std::string wanted(const Activation&) { return "an activation"; }
    static bool read(const Value& value, Activation& out, const ConfigScope& scope);
    static Value write(const Activation& activation);
};

/// The activation of that name, with its default parameters: of the user, else of Keras in that dialect;
/// Code::unsupported if unknown.
Activation activation_named(const std::string& name, const ConfigScope& scope);

/// What the activation makes of a tensor of that shape: the same, except for `glu`, which halves the last axis.
Shape activated_shape(const Activation& activation, const Shape& shape);

/// Whether Keras' formula takes integers as they are and answers with integers: linear and the kinds of relu.
bool keeps_integers(const Activation& activation);

/// Names the config fields of the layer class that is this activation: "ReLU", "LeakyReLU", "ELU", "Softmax" or
/// "ThresholdedReLU". The activation starts with the defaults of the class.
void activation_layer_config(const std::string& class_name, ConfigIo& io, Activation& activation);

namespace ops {

/// y = activation(y), float32 or float64, or integers where `keeps_integers`: with its numbers cut to integers, as
/// Keras. `glu` halves the last axis: y is replaced by a smaller tensor. A function of the user that changes shape or
/// dtype is Code::unsupported.
void apply(const Activation& activation, Tensor& y);

}  // namespace ops
}  // namespace layerctl
