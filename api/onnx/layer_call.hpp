// LayerCall: one call of a layer on its way into an ONNX graph, and the table of what can be expressed. Internal to
// api.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/onnx/builder.hpp"
#include "engine/layer.hpp"
#include "engine/ops/activation.hpp"

namespace layerctl::onnx {

/// The config of a layer with every field under its newest name, defaults included; null is absent.
class Settings {
public:
    Settings(Value fields, ConfigScope scope) : fields_(std::move(fields)), scope_(scope) {}

    bool has(std::string_view key) const { return fields_.find(key) != nullptr; }

    /// The field; null if absent. One of another kind is Code::internal, as the layer has read it before.
    template <class T>
    T get(std::string_view key) const {
        T field{};
        const Value* value = fields_.find(key);
        if (!ConfigField<T>::read(value == nullptr ? Value() : *value, field, scope_))
            fail(Code::internal, "config key '", key, "' cannot be read again");
        return field;
    }

    /// The field, or `fallback` if it is absent.
    template <class T>
    T get_or(std::string_view key, T fallback) const {
        return has(key) ? get<T>(key) : fallback;
    }

    bool flag(std::string_view key) const { return get_or(key, false); }
    std::string text(std::string_view key) const { return get_or(key, std::string()); }
    const Value& fields() const noexcept { return fields_; }
    const ConfigScope& scope() const noexcept { return scope_; }

private:
    Value fields_;
    ConfigScope scope_;
};

/// Names the fields of a layer to a writer that starts with nothing.
Settings settings_of(Layer& layer);
Settings call_settings_of(Layer& layer);

struct LayerCall {
    Builder& b;
    std::string class_name;
    Layer& layer;
    const Weights& w;  // as `call` reads them
    Names x;           // inputs in the dtypes `call` reads; "" where an argument is missing
    Names masks;       // of the inputs, bool; "" where there is none
    Shapes in;
    Shapes out;
    DTypes dtypes;  // of x
    Settings settings;
    Settings call_settings;
    Names out_masks = {};  // of the outputs, if the layer makes its own

    DType dtype() const { return dtypes.front(); }
    bool keras3() const { return layer.context().dialect == Dialect::keras3; }
    std::size_t rank() const { return in.front().rank(); }

    /// A weight as it is.
    Name weight(const std::string& name) const { return b.constant(name, w[name]); }

    /// A weight under another shape.
    Name weight(const std::string& name, const Shape& shape) const { return b.constant(name, w[name].reshaped(shape)); }
};

/// What a layer makes of the masks of its inputs.
enum class MaskUse {
    passes,   // its numbers do not depend on them; the first goes on if Keras' flag says so
    refused,  // they would change its numbers or make a new mask, which is not expressed
    own,      // the emitter heeds them and says what goes on
};

/// How a layer class becomes nodes: the names of its outputs, in the dtypes that `call` makes.
struct LayerForm {
    std::string_view class_name;
    Names (*emit)(LayerCall&);
    MaskUse masks = MaskUse::passes;
};
using LayerForms = std::span<const LayerForm>;

/// The form of a class, aliases included; nullptr if it has none.
const LayerForm* find_form(std::string_view class_name);

/// Every class that has one, aliases included, sorted.
std::vector<std::string> expressible_layers();

/// For what computes on floats only.
inline void require_float(const LayerCall& call) {
    if (!is_floating(call.dtype())) fail(Code::unsupported, "an input of ", call.dtype(), " is not written as ONNX");
}

/// For layers of which nothing is left at inference.
inline Names identity(LayerCall& call) { return {call.x[0]}; }

/// The outputs of a layer call. A mask that would change a result is Code::unsupported.
Names emit_layer(LayerCall& call);

/// The call of a layer inside another one on one input, with weights of its own.
Names emit_wrapped(LayerCall& outer, const Value& wrapped, const Weights& w, const Name& x, const Shape& in);

/// y = activation(x) for numbers of dtype `dtype` in an array of that rank.
Name activate(Builder& b, const Activation& activation, const Name& x, DType dtype, std::size_t rank);

// The tables of the families.
LayerForms activation_forms();
LayerForms attention_forms();
LayerForms convolutional_forms();
LayerForms core_forms();
LayerForms merging_forms();
LayerForms normalization_forms();
LayerForms pooling_forms();
LayerForms preprocessing_forms();
LayerForms recurrent_forms();
LayerForms regularization_forms();
LayerForms reshaping_forms();

}  // namespace layerctl::onnx
