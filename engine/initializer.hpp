// Initializer: how a new weight is filled (Keras' initializers, seeded), and what a layer keeps about one of its
// weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/config_io.hpp"
#include "models/tensor.hpp"

namespace layerctl {

/// A Keras initializer: class name and config as read, e.g. "GlorotUniform" {"seed": null}.
struct Initializer {
    std::string class_name = "Zeros";
    Value config = Value::Object{};
    std::optional<Value> source = {};  // as read, to be written back

    static Initializer zeros() { return {}; }
    static Initializer ones() { return {"Ones"}; }
    static Initializer glorot_uniform() { return {"GlorotUniform"}; }

    /// `bias` for the four blocks of an LSTM, but ones for the forget gate.
    static Initializer unit_forget_bias(const Initializer& bias);

    static Initializer orthogonal() { return {"Orthogonal"}; }
    static Initializer random_uniform() { return {"RandomUniform"}; }
};

/// Draws a tensor from the initializer's distribution; the same seed gives the same numbers. A seed in the
/// initializer's own config takes the place of `seed`.
/// An initializer layerctl does not know is Code::unsupported, wrong parameters are Code::config.
Tensor initialize(const Initializer& initializer, DType dtype, const Shape& shape, std::uint64_t seed);

/// Accepts a class envelope, a snake-case name ("glorot_uniform", "he_normal") or null.
template <>
struct ConfigField<Initializer> {
    static std::string wanted(const Initializer&) { return "an initializer"; }
    static bool read(const Value& value, Initializer& out, Dialect dialect);
    static Value write(const Initializer& initializer);
};

/// Names `<weight>_initializer`, `<weight>_regularizer` and `<weight>_constraint` of a layer's weight.
void weight_config(ConfigIo& io, const std::string& weight, Initializer& initializer);

}  // namespace layerctl
