// A layer inside another layer, as SpectralNormalization, TimeDistributed and Bidirectional hold one.
#pragma once

#include <memory>

#include "engine/layer.hpp"

namespace layerctl {

/// Reads the {"class_name", "config"} envelope of the wrapped layer and configures the layer.
class WrappedLayer {
public:
    /// To be called before the field is read: what the wrapper knows of itself holds for the wrapped layer too.
    void set_context(const LayerContext& outer) { context_ = outer; }

    const Layer& operator*() const { return *layer_; }
    const Layer* operator->() const { return layer_.get(); }
    /// For a wrapper that changes what it wraps, while it is configured.
    Layer& configurable() { return *layer_; }
    bool has_value() const { return layer_ != nullptr; }
    const std::string& class_name() const { return class_name_; }
    const std::string& name() const { return context_.name; }

    /// The wrapped layer's own `trainable`, true if absent.
    bool trainable() const;

    /// Its weights, each named `prefix`/name and frozen with the layer.
    WeightSpecs weights(const std::string& prefix, const Shapes& in) const;

    bool read(const Value& value, const ConfigScope& scope);
    Value write() const;

private:
    std::shared_ptr<Layer> layer_;
    LayerContext context_;
    std::string class_name_;
    Value source_;
};

template <>
struct ConfigField<WrappedLayer> {
    static std::string wanted(const WrappedLayer&) { return "a serialized layer"; }
    static bool read(const Value& value, WrappedLayer& out, const ConfigScope& scope) { return out.read(value, scope); }
    static Value write(const WrappedLayer& layer) { return layer.write(); }
};

}  // namespace layerctl
