// Instance: a class of a plug-in with the config of one layer, and the object the plug-in made of it.
#pragma once

#include <memory>
#include <vector>

#include "api/plugins/definitions.hpp"
#include "engine/layer.hpp"

namespace layerctl::plugins {

/// A config value, and whether there is one: null may be a value.
struct Given {
    Value value;
    bool present = false;
};

class Instance {
public:
    explicit Instance(std::shared_ptr<const ClassDefinition> definition);

    const ClassDefinition& definition() const { return *definition_; }

    /// Names the keys; with all values there the plug-in makes its object.
    void config(ConfigIo& io, const LayerContext& context);

    OutputSpec outputs(const Shapes& in, const DTypes& dtypes) const;

    /// As Keras lists them: the layer's own, trainable ones first, then those of its objects.
    WeightSpecs weights(const Shapes& in, const DTypes& dtypes) const;

    /// Of a cell, without the batch.
    Shapes states(const Shape& x, DType dtype) const;

    /// Writes into `y`, whose tensors are allocated. No masks: none of the inputs has one.
    void call(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const;

private:
    void make(const LayerContext& context);

    std::shared_ptr<const ClassDefinition> definition_;
    std::vector<Given> values_;  // parallel to definition().config
    bool trainable_ = true;
    bool order_is_certain_ = true;  // of weights
    std::shared_ptr<void> object_;  // of the plug-in
    std::string made_of_;           // the config as JSON
};

}  // namespace layerctl::plugins

namespace layerctl {

template <>
struct ConfigField<plugins::Given> {
    static std::string wanted(const plugins::Given&) { return "any value"; }
    static bool read(const Value& value, plugins::Given& out, Dialect) {
        out = {value, true};
        return true;
    }
    static Value write(const plugins::Given& given) { return given.value; }
};

}  // namespace layerctl
