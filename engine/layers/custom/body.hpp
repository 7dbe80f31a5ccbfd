// Body: a definition with the config of one layer — its values, sub-layers and programs at work.
#pragma once

#include <memory>
#include <vector>

#include "engine/layers/custom/definitions.hpp"
#include "engine/layers/wrapper.hpp"

namespace layerctl::custom {

class Body {
public:
    explicit Body(std::shared_ptr<const LayerDefinition> definition) : definition_(std::move(definition)) {}

    const LayerDefinition& definition() const { return *definition_; }

    void config(ConfigIo& io, const LayerContext& context);

    /// Own weights, then those of the sub-layers, which are built for the inputs of their first calls.
    WeightSpecs weights(const std::vector<expressions::Item>& variables) const;

    /// The dimensions at a place that may name config values.
    Shape shape(const expressions::Program& program, const std::vector<expressions::Item>& inputs) const;

    /// The value of `call`. `w` is there when running.
    expressions::Item call(expressions::Purpose purpose, const std::vector<expressions::Item>& variables,
                           const Weights* w) const;

    /// The dtype an input or weight has for expressions, given the one that carries its numbers.
    DType logical(DType carrier) const;

private:
    std::vector<expressions::Item> weight_items(expressions::Purpose purpose,
                                                const std::vector<expressions::Item>& variables,
                                                const Weights* w) const;
    std::vector<expressions::Item> config_items() const;
    expressions::Item evaluate(expressions::Purpose purpose, const std::vector<expressions::Item>& variables,
                               const Weights* w, std::vector<Shapes>* built) const;
    expressions::Item call_part(std::size_t part, const expressions::CallItems& items, expressions::Purpose purpose,
                                const Weights* w, std::vector<Shapes>* built) const;
    expressions::Item call_activation(std::size_t parameter, const expressions::CallItems& items,
                                      expressions::Purpose purpose) const;

    std::shared_ptr<const LayerDefinition> definition_;
    std::vector<Value> values_;  // parallel to definition().config
    std::vector<WrappedLayer> parts_;
    LayerContext context_;
    bool trainable_ = true;
};

/// Own weights are those without a "/" in their names. Keras 3 freezes the sub-layers of a layer that is frozen later,
/// but not of one that is made frozen, and stores what is trainable first. The file does not say which it was:
/// Code::unsupported where that makes a difference.
void require_certain_order(const WeightSpecs& specs);

}  // namespace layerctl::custom
