// Keras activations: one table of names and formulas (layers.md 6), applied in place.
#pragma once

#include <string>

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
    };

    Id id = Id::linear;
    double alpha = 0;      // negative slope, elu/celu alpha, thresholded_relu theta, shrink and threshold limit
    double threshold = 0;  // relu
    double max_value = 0;  // relu, if has_max
    bool has_max = false;
    double value = 0;                       // threshold: what replaces inputs at or below the limit
    std::vector<std::int64_t> axes = {-1};  // softmax family
    Value source;                           // as read, to be written back; null: write the name of `id`
};

/// Reads null, a name, a serialized function or an activation layer object; `hard_sigmoid` means what it meant to the
/// writer's dialect. A name layerctl does not know is Code::unsupported with the nearest names.
template <>
struct ConfigField<Activation> {
    static std::string wanted(const Activation&) { return "an activation"; }
    static bool read(const Value& value, Activation& out, Dialect dialect);
    static Value write(const Activation& activation);
};

/// The activation of that name in that dialect, with its default parameters; Code::unsupported if unknown.
Activation activation_named(const std::string& name, Dialect dialect);

namespace ops {

/// y = activation(y), float32 or float64. `glu` halves the last axis: y is replaced by a smaller tensor.
void apply(const Activation& activation, Tensor& y);

}  // namespace ops
}  // namespace layerctl
