#include "engine/plan/masks.hpp"

#include <algorithm>

namespace layerctl::plan {
namespace {

/// Which masks of inputs the outputs get, found with stand-ins for masks.
std::vector<std::size_t> given_masks(const Node& node) {
    Masks in;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) in.emplace_back(DType::boolean, Shape());
    const Masks out = node.object->compute_mask({}, in);
    std::vector<std::size_t> given;
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        const auto found = std::find_if(in.begin(), in.end(), [&](const Tensor& mask) {
            return k < out.size() && out[k].has_value() && out[k].data() == mask.data();
        });
        given.push_back(static_cast<std::size_t>(found - in.begin()));
    }
    return given;
}

}  // namespace

void add_masks(const Graph& graph, Step& step) {
    for (const std::size_t place : step.nodes) {
        const Node& node = graph.nodes[place];
        NodeMasks masks{dynamic_cast<const Lowers&>(*node.object).mask_rule(), {}};
        const bool gives =
            masks.rule.inputs != MaskRule::Inputs::refused && masks.rule.outputs == MaskRule::Outputs::given;
        if (gives) masks.given = given_masks(node);
        if (masks.rule.outputs == MaskRule::Outputs::made || !node.masks.empty()) step.brings_masks = true;
        step.masks.push_back(std::move(masks));
    }
}

}  // namespace layerctl::plan
