// A list of layers inside another layer, as StackedRNNCells holds its cells.
#pragma once

#include <vector>

#include "engine/layers/wrapper.hpp"

namespace layerctl {

class WrappedLayers {
public:
    /// As WrappedLayer's, for every one.
    void set_context(const LayerContext& outer) { context_ = outer; }

    std::size_t size() const { return layers_.size(); }
    const WrappedLayer& operator[](std::size_t i) const { return layers_[i]; }

    bool read(const Value& value, const ConfigScope& scope) {
        if (value.array() == nullptr) return false;
        layers_.clear();
        for (const Value& item : *value.array()) {
            layers_.emplace_back().set_context(context_);
            if (!layers_.back().read(item, scope)) return false;
        }
        return true;
    }

    Value write() const {
        Value::Array items;
        for (const WrappedLayer& layer : layers_) items.push_back(layer.write());
        return items;
    }

private:
    std::vector<WrappedLayer> layers_;
    LayerContext context_;
};

template <>
struct ConfigField<WrappedLayers> {
    static std::string wanted(const WrappedLayers&) { return "a list of serialized layers"; }
    static bool read(const Value& value, WrappedLayers& out, const ConfigScope& scope) {
        return out.read(value, scope);
    }
    static Value write(const WrappedLayers& layers) { return layers.write(); }
};

}  // namespace layerctl
